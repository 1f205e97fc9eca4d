// HOST PORT USER PASSWORD CA [CERT KEY]: connects and prints who is logged in.
const fs = require("fs");
const mysql = require("mysql2/promise");

async function main() {
  const [host, port, user, password, ca, cert, key] = process.argv.slice(2);
  const ssl = { ca: fs.readFileSync(ca), rejectUnauthorized: true, verifyIdentity: true };
  if (cert) {
    Object.assign(ssl, { cert: fs.readFileSync(cert), key: fs.readFileSync(key) });
  }
  const connection = await mysql.createConnection({ host, port: Number(port), user, password, ssl });
  const [[who]] = await connection.query("SELECT CURRENT_USER() AS name");
  const [[cipher]] = await connection.query("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
  console.log(who.name, cipher.Value);
  await connection.end();
}

main().catch((error) => {
  console.error(`error ${error.errno ?? error.code}: ${error.message}`);
  process.exitCode = 1;
});
