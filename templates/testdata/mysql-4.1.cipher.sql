-- Account statements for the client laura, made by myca for mysql-4.1.
-- Certificate: serial 5f0c8e1b7a3d42969e21c47b08d5fa13, expires 2029-02-25 12:30:00 UTC.
-- Run them as an administrator: mysql -u root < FILE
-- (SOURCE FILE in a session does the same, but goes on after an error.)
-- Not tested on a server: no mysql-4.1 was at hand. Written from its documentation.
-- This file holds a password: let nobody else read it.
-- New accounts. One that exists already gets this password and this requirement.
-- REQUIRE CIPHER: MySQL demands a client certificate, too, whatever else is required.

-- A known sql_mode for these statements; the end restores the session.
SET @myca_sql_mode = @@SESSION.sql_mode;
SET SESSION sql_mode = '';

GRANT USAGE ON *.* TO 'laura'@'localhost' IDENTIFIED BY 'it''s "50% off" \\o/ #1' REQUIRE CIPHER 'DHE-RSA-AES256-SHA';
GRANT USAGE ON *.* TO 'laura'@'%' IDENTIFIED BY 'it''s "50% off" \\o/ #1' REQUIRE CIPHER 'DHE-RSA-AES256-SHA';

SET SESSION sql_mode = @myca_sql_mode;
