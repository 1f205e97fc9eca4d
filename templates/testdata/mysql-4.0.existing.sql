-- Account statements for the client laura, made by myca for mysql-4.0.
-- Certificate: serial 5f0c8e1b7a3d42969e21c47b08d5fa13, expires 2029-02-25 12:30:00 UTC.
-- Run them as an administrator: mysql -u root < FILE
-- (SOURCE FILE in a session does the same, but goes on after an error.)
-- Not tested on a server: no mysql-4.0 was at hand. Written from its documentation.
-- The accounts exist already. Their privileges stay, and those below are added, and so
-- do the passwords.
-- On this server GRANT makes an account that does not exist, without a password. Check
-- the names first: SELECT User, Host FROM mysql.user

GRANT USAGE ON *.* TO 'laura'@'localhost' REQUIRE ISSUER '/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/CN=sampdb' AND SUBJECT '/C=US/ST=WI/L=Madison/O=sampdb/CN=laura';
GRANT USAGE ON *.* TO 'laura'@'%' REQUIRE ISSUER '/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/CN=sampdb' AND SUBJECT '/C=US/ST=WI/L=Madison/O=sampdb/CN=laura';
GRANT ALL PRIVILEGES ON `finance`.* TO 'laura'@'localhost';
GRANT SELECT ON `my\_app`.* TO 'laura'@'localhost' WITH GRANT OPTION;
GRANT ALL PRIVILEGES ON `finance`.* TO 'laura'@'%';
GRANT SELECT ON `my\_app`.* TO 'laura'@'%' WITH GRANT OPTION;
