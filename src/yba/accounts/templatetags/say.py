"""``{% say "Đăng nhập" "Sign in" %}``: a text in the language of the request, both languages side by side in the template."""

from __future__ import annotations

from django import template

from yba.accounts.signin.texts import say as said

register = template.Library()


def say(vi: str, en: str) -> str:
    """Return the text in the language of the request; what a template writes is ours, what it passes in is escaped by Django."""
    return said(vi, en)


register.simple_tag(say)
