"""What the workbench and the training process both know, without torch: settings, events, templates, labels."""
