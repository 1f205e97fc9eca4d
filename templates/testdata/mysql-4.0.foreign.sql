-- Account statements for the client laura, made by myca for mysql-4.0.
-- Certificate: serial 5f0c8e1b7a3d42969e21c47b08d5fa13, expires 2029-02-25 12:30:00 UTC.
-- Run them as an administrator: mysql -u root < FILE
-- (SOURCE FILE in a session does the same, but goes on after an error.)
-- Not tested on a server: no mysql-4.0 was at hand. Written from its documentation.
-- New accounts. One that exists already keeps its password and gets this requirement.
-- An account made here has no password: the certificate alone lets its holder in.
-- The names are written as a server built with yaSSL reads them; another TLS library
-- reads them in another way.

GRANT USAGE ON *.* TO 'jürgen'@'10.%' REQUIRE ISSUER '/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/CN=sampdb' AND SUBJECT '/O=Müller / Söhne/CN=O''Brien \\ "x"';
GRANT SELECT ON `bücher`.* TO 'jürgen'@'10.%';
