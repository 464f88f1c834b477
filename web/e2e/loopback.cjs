// Loaded by tests into programs for Node (NODE_OPTIONS): they find this machine only. Next.js
// asks the registry in development which version is the newest, and has no option for it.
const dns = require("node:dns");

const { lookup } = dns;
dns.lookup = (name, ...rest) => {
  if (name === "localhost" || require("node:net").isIP(name)) return lookup(name, ...rest);
  rest.at(-1)(Object.assign(new Error(`${name} is not this machine`), { code: "ENOTFOUND" }));
};
