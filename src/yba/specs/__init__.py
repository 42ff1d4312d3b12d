"""The rules as data: each kind of spec has its files in a folder here and one typed loader module beside it.

The loader modules are the door of this room: `from yba.specs import claims, codes, rules`.
"""
