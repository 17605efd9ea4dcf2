"""Home: where one stands, and what an import or an export did."""
