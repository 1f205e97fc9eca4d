-- Account statements for the client laura, made by myca for mysql-4.1.
-- Certificate: serial 5f0c8e1b7a3d42969e21c47b08d5fa13, expires 2029-02-25 12:30:00 UTC.
-- Run them as an administrator: mysql -u root < FILE
-- (SOURCE FILE in a session does the same, but goes on after an error.)
-- Not tested on a server: no mysql-4.1 was at hand. Written from its documentation.
-- This file holds a password: let nobody else read it.
-- This takes the certificate requirement away: from now on the password alone lets a
-- client in, over plain text too, and an account without a password is open to
-- everybody.
-- The privileges stay, the password becomes the one below.

-- A known sql_mode for these statements; the end restores the session.
SET @myca_sql_mode = @@SESSION.sql_mode;
SET SESSION sql_mode = '';

SET PASSWORD FOR 'laura'@'localhost' = PASSWORD('it''s "50% off" \\o/ #1');
GRANT USAGE ON *.* TO 'laura'@'localhost' REQUIRE NONE;
SET PASSWORD FOR 'laura'@'%' = PASSWORD('it''s "50% off" \\o/ #1');
GRANT USAGE ON *.* TO 'laura'@'%' REQUIRE NONE;

SET SESSION sql_mode = @myca_sql_mode;
