// The backend of the examples with a bundler: it serves the built page and signs a
// token whenever the page asks for one. Node's own modules are all it needs.
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { mkdirSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));
const { values: flags } = parseArgs({
  options: {
    page: { type: "string", default: join(here, "dist/main.js") },
    listen: { type: "string", default: "127.0.0.1:8091" },
    origin: { type: "string" }, // of the page, if another server shows it and passes on /token
    credentials: { type: "string", default: "http://localhost:8080" },
    host: { type: "string", default: "react-example" },
    keys: { type: "string", default: ".data/react" },
  },
});
const kid = "react-1";

mkdirSync(flags.keys, { recursive: true, mode: 0o700 });
const keyFile = join(flags.keys, "key.pem");
if (!existsSync(keyFile)) {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  writeFileSync(keyFile, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
}
const key = createPrivateKey(readFileSync(keyFile));
const jwk = createPublicKey(key).export({ format: "jwk" });
const jwksFile = join(flags.keys, "jwks.json");
writeFileSync(jwksFile, JSON.stringify({ keys: [{ ...jwk, kid, alg: "ES256", use: "sig" }] }));

let origin = flags.origin;
const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Signs a JWT (RFC 7519) with ES256. */
function token(person, rights) {
  const signed = `${encode({ alg: "ES256", typ: "JWT", kid })}.${encode({
    iss: flags.host, aud: flags.credentials, sub: person, workspace: "default", origin, rights,
    jti: randomUUID(), exp: Math.floor(Date.now() / 1000) + 120,
  })}`;
  return `${signed}.${sign("sha256", Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}

const page = `<!doctype html>
<html lang="en" data-credentials="${flags.credentials}" data-host="${flags.host}">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>Example</title><link rel="icon" href="data:,">
<script type="module" src="/main.js"></script>
</head>
<body><div id="root"></div></body>
</html>`;
const policy = `default-src 'none'; script-src 'self'; frame-src ${flags.credentials}; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const server = createServer((request, response) => {
  const answer = (type, body) => response.writeHead(200, { "Content-Type": type, "Content-Security-Policy": policy, "Cache-Control": "no-store" }).end(body);
  switch (`${request.method} ${request.url}`) {
    case "GET /": return answer("text/html; charset=utf-8", page);
    case "GET /main.js": return answer("text/javascript; charset=utf-8", readFileSync(flags.page));
    case "POST /token":
      // A real site looks here at who is signed in.
      if (request.headers["sec-fetch-site"] !== "same-origin") return response.writeHead(403).end();
      return answer("text/plain; charset=utf-8", token("ann", ["view", "edit"]));
  }
  return response.writeHead(404).end();
});
const [address, port] = flags.listen.split(":");
server.listen(Number(port), address, () => {
  origin ??= `http://${address}:${server.address().port}`;
  console.log(`Register this site once:\n\n  bin/paycorcred host add --data .data --id ${flags.host} --name Example --origin ${origin} --jwks ${jwksFile} --rights view,edit\n\nThen open ${origin}`);
});
