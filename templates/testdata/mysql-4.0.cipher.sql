-- Account statements for the client laura, made by myca for mysql-4.0.
-- Certificate: serial 5f0c8e1b7a3d42969e21c47b08d5fa13, expires 2029-02-25 12:30:00 UTC.
-- Run them as an administrator: mysql -u root < FILE
-- (SOURCE FILE in a session does the same, but goes on after an error.)
-- Not tested on a server: no mysql-4.0 was at hand. Written from its documentation.
-- This file holds a password: let nobody else read it.
-- New accounts. One that exists already gets this password and this requirement.
-- REQUIRE CIPHER: MySQL demands a client certificate, too, whatever else is required.

GRANT USAGE ON *.* TO 'laura'@'localhost' IDENTIFIED BY 'it''s "50% off" \\o/ #1' REQUIRE CIPHER 'DHE-RSA-AES256-SHA';
GRANT USAGE ON *.* TO 'laura'@'%' IDENTIFIED BY 'it''s "50% off" \\o/ #1' REQUIRE CIPHER 'DHE-RSA-AES256-SHA';
