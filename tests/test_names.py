"""Names made invisible: whoever is written about, the features and the scores are the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tonelens
from tonelens.names import NAME, NUMBER, PLACEHOLDER, find_names, hide_names, mask_names
from tonelens.tokens import key_of, tokenize

PEOPLE = """
Ana Lima | Bernie Sanders | Marine Le Pen | Angela Merkel | Olaf Scholz | Ngozi Okonjo-Iweala
Jean-Luc Mélenchon | Conor O'Brien | Siobhán O’Neill | Mitch McConnell | Keir Starmer | Giorgia Meloni
J. K. Rowling | J.K. Rowling | George W. Bush | L. Rafael Reif | Ms. Ana Lima | Mr. Costa | Mrs. Thatcher
Dr. Anthony Fauci | Dr. Mbeki | Sen. Elizabeth Warren | Gov. Gavin Newsom | Rep. Ilhan Omar
President Zelenskyy | President Macron | Prime Minister Narendra Modi | Professor Adeyemi
Lord Mandelson | Sir Keir Starmer | Charles de Gaulle | Osama bin Laden | Ludwig van Beethoven
Ursula von Trapp | Martin Luther King Jr. | Mohammed bin Salman | Hillary Clinton | Donald Trump
Trump | Biden | Zelenskyy | Putin | Modi | Lula da Silva | Xi Jinping | Benjamin Netanyahu
Jacinda Ardern | McCarthy | O'Rourke | Søren Kierkegaard | Recep Tayyip Erdoğan | Beyoncé
Alexandria Ocasio-Cortez | Chief Justice John Roberts | Pope Francis | Theresa May | Nancy Pelosi
"""
PARTIES = """
the Democratic Party | the Republican Party | the Labour Party | the Conservative Party | the Greens
the Liberal Democrats | Fidesz | Likud | the African National Congress | the Bharatiya Janata Party
the Workers' Party | the Scottish National Party | Sinn Féin | Plaid Cymru | the SPD | the CDU
Syriza | Podemos | the National Rally | the Five Star Movement | Hamas | the Party of European Socialists
the AfD | the Democratic Unionist Party
"""
COUNTRIES = """
the United States | the United Kingdom | the U.S. | the UK | Bosnia and Herzegovina | Côte d'Ivoire
Trinidad and Tobago | Antigua and Barbuda | the Democratic Republic of Congo | the Netherlands
the Central African Republic | Papua New Guinea | New Zealand | South Africa | North Korea | France
Germany | China | India | Russia | Ukraine | Iran | Israel | Egypt | Mexico | Brazil | Turkey | Chad
Jordan | Guinea-Bissau | Timor-Leste | São Tomé and Príncipe | Saudi Arabia | Sri Lanka | Japan
the Isle of Man | the Republic of the Congo | Georgia
"""
OUTLETS = """
the Guardian | The Guardian | The New York Times | the New York Times | the BBC | Fox News | CNN
the Associated Press | Reuters | the Daily Mail | the Washington Post | Breitbart | Le Monde
Der Spiegel | El País | the Wall Street Journal | MSNBC | the Times of India | Al Jazeera | Politico
the Financial Times | HuffPost | the Sunday Times | USA Today
"""
CITIES = """
London | Paris | New York | Los Angeles | Washington | Kyiv | Beijing | São Paulo | Buenos Aires
Rio de Janeiro | St. Louis | The Hague | Stratford-upon-Avon | Mumbai | Jerusalem | Tel Aviv
Frankfurt am Main | Newcastle upon Tyne
"""
NATIONALITIES = """
American | British | French | German | Russian | Ukrainian | Chinese | Israeli | Palestinian
Iranian | Indian | Pakistani | Mexican | Canadian | Turkish | Polish | Swiss | South Korean
Saudi Arabian | New Zealand | U.S. | UK | EU | Anglo-Irish | Democratic | Republican | Nigerian
"""
