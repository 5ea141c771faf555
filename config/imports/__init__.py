"""Lists of procedures and agencies from elsewhere, until they are entries of the catalogues."""
