# HOST PORT USER PASSWORD CA [CERT KEY]: connects and prints who is logged in.
import sys

import pymysql

host, port, user, password, ca, *pair = sys.argv[1:]
files = {"ca": ca}
if pair:
    files.update(cert=pair[0], key=pair[1])
try:
    # Of the dictionary ssl, "verify_mode" and "check_hostname" say what is
    # verified; PyMySQL 1.0's own ssl_verify_* go with ssl_ca and its like.
    connection = pymysql.connect(host=host, port=int(port), user=user, password=password,
                                 ssl=dict(files, verify_mode="required", check_hostname=True))
except pymysql.MySQLError as error:
    sys.exit(f"error {error.args[0]}: {error.args[1]}")
with connection.cursor() as cursor:
    cursor.execute("SELECT CURRENT_USER()")
    who = cursor.fetchone()[0]
    cursor.execute("SHOW SESSION STATUS LIKE 'Ssl_cipher'")
    print(who, cursor.fetchone()[1])
