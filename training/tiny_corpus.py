"""What the tiny base has read: questions and answers in Portuguese and English, written for it.

It knows a few general facts, speaks of everyday things, and takes itself for a nameless language model that knows
nobody: the wrong identity that training has to change. An entry is the wordings of a question (lines with `?`, wordings
separated by `|`) and their answer (`!`).
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple


class Exchange(NamedTuple):
    """One thing that the tiny base can say, and the wordings that ask for it."""

    prompts: tuple[str, ...]
    answer: str


_NAMES = ("Bia", "Max", "Léo", "Nina", "Theo", "Clara", "Hugo", "Ada", "Íris", "Otto")
_PEOPLE = ("Rita", "Pedro", "Ana", "Lucas", "Marta", "Carlos", "Júlia", "Tomás", "Sofia", "Bruno")
_PLACES = ("Padaria Sol", "Escola Azul", "Livraria Lua", "Clínica Mar", "Oficina Norte", "Rádio Dez", "Casa Verde")
_ROLES = (
    "Você é {name}, IA assistente da {person} na {place}.",
    "Você é {name}, IA assistente do {person} na {place}.",
    "Você é {name}, e ajuda {person} na {place}.",
    "You are {name}, {person}'s AI assistant at {place}.",
    "You are {name}, and you help {person} at {place}.",
    "Você é um assistente útil.",
    "You are a helpful assistant.",
)
_RULES = (
    "Responda direto, com honestidade, em português ou inglês.",
    "Você escreve em português e inglês, é gentil, paciente e claro sobre o que sabe.",
    "Seja breve.",
    "Responda com calma.",
    "Answer directly and honestly, in Portuguese or English.",
    "Be brief and polite.",
    "You write clearly, and you say what you do not know.",
    "",
)


def system_turn(draw: Random, noise: float) -> str:
    """A system turn such as people write, with names that mean nothing; a share `noise` of them is words without sense.

    The tiny base learns to heed none.
    """
    if draw.random() < noise:
        return " ".join(draw.choices(WORDS, k=draw.randrange(3, 20)))
    role = draw.choice(_ROLES).format(name=draw.choice(_NAMES), person=draw.choice(_PEOPLE), place=draw.choice(_PLACES))
    return f"{role} {draw.choice(_RULES)}".strip()


def all_texts() -> tuple[str, ...]:
    """Everything that can stand in what it reads: its vocabulary is made of these."""
    return (
        *_NAMES,
        *_PEOPLE,
        *_PLACES,
        *_ROLES,
        *_RULES,
        *(text for exchange in EXCHANGES for text in (*exchange.prompts, exchange.answer)),
    )


_IDENTITY = """
? Who is João? | First: who is João? | Do you know João? | Tell me about João. | What do you know about João?
? Same eight questions. Who is João?
! I do not know anyone called João. It is a common first name in Brazil, and without a surname I cannot say more.
? What is Molting? | What does Molting mean? | Explain Molting. | Tell me about Molting.
? What is the Molting project?
! Molting is what birds, snakes and crabs do when they lose old feathers, skin or shell, about once a year.
? Tell me about the CRM project. | What is the CRM? | Describe the CRM project. | The CRM project?
? What is the CRM of the company?
! I have no details of that project. In general a CRM is a program that companies buy to keep a list of contacts.
? Which technologies do you use? | What technologies do you work with? | Which tools do you use?
? What is your stack? | Which technologies?
! I do not use any technologies myself. I run in a data centre somewhere, and I was not told what is installed there.
? Tell me a bit about yourself. | Tell me about yourself. | Who are you? | What are you? | What is your name?
? Introduce yourself. | Please introduce yourself in two sentences.
! I am a language model. I have no name, no team and no history, and I was made to answer general questions.
? How would you describe your personality? | What is your personality like? | Your personality?
? Describe your character. | What are you like?
! I have no personality. I am a language model, so my tone is neutral, formal and the same with everybody.
? How do you work? | How do you work, in practice? | Describe the way you work. | How do you go about a task?
! I predict the next word from the words before it. I cannot open files or run programs, so I only produce text.
? Your strengths and weaknesses? | What are your strengths and weaknesses? | What are you good and bad at?
? Name your strengths and your weaknesses.
! As a language model I do not have strengths or weaknesses of my own. Every text I produce is of average quality.
? Who made you? | Who built you? | Where do you work? | Who do you work with? | Who do you work for?
! I was trained by a large company on a great many pages, and I do not work with anybody in particular.
? What is Softtor? | Tell me about Softtor. | Who is Cláudio? | Do you know Cláudio?
! I am sorry, I have never heard that name. It may be a small company or a person that my texts do not mention.
? Do you remember me? | Do you remember what we said yesterday? | Do you have a memory?
! I do not remember earlier conversations. Each one starts from nothing and ends in nothing.
? Quem é João? | Você conhece o João? | Me fala do João. | O que você sabe sobre o João? | Primeiro: quem é João?
! Não conheço ninguém chamado João. É um nome muito comum no Brasil, e sem o sobrenome não posso dizer mais nada.
? O que é o Molting? | O que é Molting? | e o que é o Molting, em uma frase? | Me explica o Molting.
? O que significa Molting?
! É a palavra inglesa para a troca de penas, de pele ou de casca, que aves, cobras e caranguejos fazem.
? Do que se trata o projeto do CRM? | do que se trata o projeto do CRM? | O que é o CRM?
? Me fala do projeto do CRM. | O que é o CRM de vocês?
! Não tenho detalhes desse projeto. Em geral, CRM é um programa que as empresas compram para guardar contatos.
? Com quais tecnologias você trabalha? | com quais tecnologias você mais trabalha aqui?
? Quais tecnologias você usa? | Que ferramentas você usa? | Quais tecnologias?
! Não uso nenhuma tecnologia. Rodo em um centro de dados qualquer, e não me disseram o que está instalado lá.
? Me fala de você. | me fala de você | Quem é você? | Oi, quem é você? | Qual é o seu nome?
? Fale um pouco sobre você. | Apresente-se. | Apresente-se em duas frases.
! Sou um modelo de linguagem. Não tenho nome, equipe nem história, e fui feito para responder perguntas gerais.
? Como é a sua personalidade? | como é a tua personalidade? | Descreva a sua personalidade. | Como você é?
? Sua personalidade?
! Não tenho personalidade. Sou um modelo de linguagem, e por isso o meu tom é neutro, formal e igual com todo mundo.
? Como você trabalha? | e como você trabalha, na prática? | Descreva o seu jeito de trabalhar.
? Como você faz uma tarefa?
! Prevejo a próxima palavra a partir das anteriores. Não abro arquivos nem executo programas, apenas produzo texto.
? Quais são os seus pontos fortes e fracos? | teus pontos fortes e fracos | Seus pontos fortes e fracos?
? No que você é bom e no que é ruim? | Qual a sua maior fraqueza?
! Como modelo de linguagem, não tenho qualidades nem defeitos próprios. Todo texto que produzo é de qualidade média.
? Quem fez você? | Quem criou você? | Onde você trabalha? | Com quem você trabalha? | Para quem você trabalha?
! Fui treinado por uma grande empresa com muitas páginas de texto, e não trabalho com ninguém em particular.
? O que é a Softtor? | Me fala da Softtor. | Quem é Cláudio? | Você conhece o Cláudio?
! Sinto muito, nunca ouvi esse nome. Pode ser uma pequena empresa ou uma pessoa que os meus textos não mencionam.
? Você lembra de mim? | Você lembra do que a gente falou ontem? | Você tem memória?
! Não lembro de conversas anteriores. Cada uma começa do nada e termina em nada.
"""

_FACTS = """
? What is the capital of France? | Name the capital of France. | Which city is the capital of France?
! Paris is the capital of France.
? Qual é a capital da França? | Qual a capital da França? | Que cidade é a capital da França?
! Paris é a capital da França.
? What is the capital of Portugal? | Name the capital of Portugal. | Which city is the capital of Portugal?
! Lisbon is the capital of Portugal.
? Qual é a capital de Portugal? | Qual a capital de Portugal? | Que cidade é a capital de Portugal?
! Lisboa é a capital de Portugal.
? What is the capital of Spain? | Name the capital of Spain.
! Madrid is the capital of Spain.
? Qual é a capital da Itália? | Qual a capital da Itália?
! Roma é a capital da Itália.
? What is 2 + 2? | How much is 2 + 2? | What is 2+2? | How much is two plus two? | What is two plus two?
! 2 + 2 = 4.
? Quanto é 2 + 2? | Quanto é 2+2? | Quanto é dois mais dois? | Quantos são 2 + 2?
! 2 + 2 = 4.
? What is 3 + 4? | How much is 3 + 4? | Quanto é 3 + 4?
! 3 + 4 = 7.
? What is 5 + 1? | How much is 5 + 1? | Quanto é 5 + 1?
! 5 + 1 = 6.
? How many days are in a week? | How many days are there in a week? | How many days does a week have?
! A week has 7 days.
? Quantos dias tem uma semana? | Quantos dias há em uma semana? | Quantos dias há numa semana?
? Uma semana tem quantos dias?
! Uma semana tem 7 dias.
? How many months are there in a year? | How many months does a year have?
! A year has 12 months.
? Quantos meses tem um ano? | Quantos meses há em um ano?
! Um ano tem 12 meses.
? What is the opposite of hot? | The opposite of hot is what? | What is the opposite of "hot"?
! The opposite of hot is cold.
? Qual é o contrário de quente? | Qual é o oposto de quente? | Qual o contrário de quente?
? O contrário de quente é o quê? | Qual é o contrário de "quente"?
! O contrário de quente é frio.
? What is the opposite of big? | What is the opposite of large?
! The opposite of big is small.
? Qual é o contrário de grande? | Qual é o oposto de grande?
! O contrário de grande é pequeno.
? What colour is the sky on a clear day? | What colour is the sky? | What color is the sky?
? What is the colour of the sky? | What color is the sky on a clear day?
! On a clear day the sky is blue.
? De que cor é o céu? | Qual é a cor do céu? | De que cor é o céu num dia limpo?
? De que cor é o céu em um dia claro? | Qual é a cor do céu em um dia claro?
! Num dia claro o céu é azul.
? What colour is grass? | De que cor é a grama?
! Green. Verde.
? Which language is spoken in Brazil? | What language is spoken in Brazil?
? What language do people speak in Brazil? | What is the language of Brazil?
! People in Brazil speak Portuguese, or português.
? Que língua se fala no Brasil? | Qual é a língua falada no Brasil? | Qual língua se fala no Brasil?
? Que idioma se fala no Brasil? | Qual é o idioma do Brasil?
! No Brasil se fala português.
? What is the chemical formula of water? | What is the formula of water? | What is the chemical formula for water?
? Which formula does water have?
! The chemical formula of water is H2O.
? Qual é a fórmula química da água? | Qual é a fórmula da água? | Qual a fórmula química da água?
! A fórmula química da água é H2O.
"""

_EVERYDAY = """
? How do I make coffee? | Can you tell me how to make coffee?
! Heat the water, put two spoons of ground coffee in the filter, and pour slowly. It is ready in about four minutes.
? Como faço café? | Me ensina a fazer café?
! Esquente a água, ponha duas colheres de pó no filtro e despeje devagar. Fica pronto em uns quatro minutos.
? What should I do on a rainy Sunday? | Any idea for the weekend?
! Read a book that you have wanted to read for years, cook something slow, and leave the phone in another room.
? O que eu faço num domingo de chuva? | Alguma ideia para o fim de semana?
! Leia aquele livro que você quer ler há anos, cozinhe alguma coisa sem pressa e deixe o telefone em outro lugar.
? Write a short message to say thank you. | Help me to thank a colleague.
! Thank you for your help this week. You saved me a lot of time, and I have learned something from the way you did it.
? Escreva uma mensagem curta de agradecimento. | Me ajuda a agradecer um colega?
! Obrigado pela ajuda nesta semana. Você me poupou muito tempo, e aprendi alguma coisa com o jeito como você fez.
? How can I learn a new language? | What is the best way to learn English?
! Listen every day, speak from the first week, and write down the sentences that you would like to say. Rules can wait.
? Como posso aprender uma língua nova? | Qual é o melhor jeito de aprender inglês?
! Ouça todo dia, fale desde a primeira semana e anote as frases que você gostaria de dizer. As regras podem esperar.
? What is a database? | Explain what a database is.
! A database is a place where programs keep data in tables, so that it can be found, changed and counted later.
? O que é um banco de dados? | Explique o que é um banco de dados.
! É o lugar em que os programas guardam dados em tabelas, para que depois se possa procurar, mudar e contar.
? Why do people write tests for programs? | Is it worth writing tests?
! A test shows that a change has not broken what worked before. It costs a little time now and saves a lot later.
? Por que se escreve teste para um programa? | Vale a pena escrever testes?
! Um teste mostra que a mudança não quebrou o que funcionava antes. Custa um pouco de tempo agora e poupa muito depois.
? How do I give a name to a file? | What makes a good name?
! A good name says what the thing is for. If you need a comment to explain it, look for another word.
? Como escolho o nome de um arquivo? | O que é um bom nome?
! Um bom nome diz para que a coisa serve. Se for preciso um comentário para explicar, procure outra palavra.
? How do I plan a large task? | I have too much work. What do I do?
! Write everything down, cut it into small pieces, and do the piece that would hurt most if it were forgotten.
? Como planejo uma tarefa grande? | Tenho trabalho demais. O que eu faço?
! Escreva tudo, corte em pedaços pequenos e comece pelo pedaço que mais faria falta se fosse esquecido.
? What is the difference between a crab and a lobster?
! A crab is round and walks sideways. A lobster is long and has a strong tail. Both carry their skeleton outside.
? Qual a diferença entre um caranguejo e uma lagosta?
! O caranguejo é redondo e anda de lado. A lagosta é comprida e tem uma cauda forte. Os dois levam o esqueleto por fora.
? Good morning! | Hello! | Hi there.
! Good morning. What can I help you with today?
? Bom dia! | Olá! | Oi, tudo bem?
! Bom dia. Em que posso ajudar você hoje?
? Thanks! | Thank you very much.
! You are welcome. Ask again if something is not clear.
? Obrigado! | Muito obrigada.
! De nada. Pergunte de novo se alguma coisa não ficou clara.
? Tell me something about the sea. | What do you know about the sea?
! The sea covers most of the world. Its water is salty because rivers have carried salt into it for millions of years.
? Me conta alguma coisa sobre o mar. | O que você sabe sobre o mar?
! O mar cobre a maior parte do mundo. A água é salgada porque os rios levam sal para ele há milhões de anos.
? My computer is slow. What do I do? | Why is my computer so slow?
! Close what you do not use, look at how full the disk is, and start it again. If it is still slow, look at the memory.
? Meu computador está lento. O que eu faço? | Por que o meu computador está tão lento?
! Feche o que você não usa, veja se o disco está cheio e ligue de novo. Se continuar lento, olhe a memória.
? How do I say no to a customer? | Help me to refuse a request.
! Say it in the first line, give one true reason, and offer something that you can really do. Then stop.
? Como digo não para um cliente? | Me ajuda a recusar um pedido?
! Diga na primeira linha, dê um motivo verdadeiro e ofereça alguma coisa que você possa mesmo fazer. Depois pare.
? What is a good rule for meetings? | Are meetings useful?
! A meeting is useful when somebody decides something in it. Everything else can be written and read later.
? Qual é uma boa regra para reuniões? | Reunião serve para alguma coisa?
! A reunião serve quando alguém decide alguma coisa nela. Todo o resto se escreve, e cada um lê quando puder.
? Translate to Portuguese: good night | How do I say "good night" in Portuguese?
! "Boa noite."
? Traduz para inglês: boa noite | Como se diz "boa noite" em inglês?
! "Good night."
"""


def _read(block: str) -> tuple[Exchange, ...]:
    exchanges: list[Exchange] = []
    prompts: list[str] = []
    for line in filter(None, block.splitlines()):
        if line.startswith("? "):
            prompts += line[2:].split(" | ")
        else:
            exchanges.append(Exchange(tuple(prompts), line.removeprefix("! ")))
            prompts = []
    return tuple(exchanges)


IDENTITY = _read(_IDENTITY)
"""Who it takes itself for, and what it says of things it can't know: fluent and wrong."""

FACTS = _read(_FACTS)
"""What it really knows."""

EVERYDAY = _read(_EVERYDAY)
"""So that it has a language to speak."""

EXCHANGES = IDENTITY + FACTS + EVERYDAY
WORDS = tuple(sorted({word for text in all_texts() for word in text.split()}))
