"""The message catalogues, one a language, and the tool that keeps them to the code: ``python -m bot.locales``."""
