// Judges the Content-Security-Policy that standard input holds. What is known
// is said with its reason; anything else of weight ends with 1.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
const { CspEvaluator } = require("csp_evaluator/dist/evaluator.js");
const { CspParser } = require("csp_evaluator/dist/parser.js");
const { Severity } = require("csp_evaluator/dist/finding.js");

// Known: 'self' is doubted because of JSONP and uploads, and this server has neither.
const known = [/^script-src 'self'/];

const text = readFileSync(0, "utf8").trim();
if (!text) throw new Error("there is no policy");
const found = new CspEvaluator(new CspParser(text).csp).evaluate();
const weighty = found.filter((f) => f.severity <= Severity.MEDIUM_MAYBE && f.severity !== Severity.NONE)
  .filter((f) => !known.some((k) => k.test(`${f.directive} ${f.value ?? ""}`)));
for (const f of found) console.log(`    ${f.severity} ${f.directive} ${f.value ?? ""}: ${f.description}`);
if (weighty.length) {
  console.error(weighty.map((f) => `new: csp_evaluator ${f.directive} ${f.value ?? ""}`).join("\n"));
  process.exit(1);
}
