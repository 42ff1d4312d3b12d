"""Operations ($…) of the API, one a file."""
