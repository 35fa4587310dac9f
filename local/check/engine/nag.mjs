// Applies rules of cdk-nag to templates: {"templates": [template, …], "rules": [name, …]} on standard input → on
// standard output, a line for each template: {logical id: {rule: true (violated) | false | "what it threw"}}.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const require = createRequire(import.meta.url);
const { App, CfnResource, Stack } = require("aws-cdk-lib");
const { CfnInclude } = require("aws-cdk-lib/cloudformation-include");
const { NagRuleCompliance, rules } = require("cdk-nag");

const asked = JSON.parse(readFileSync(0, "utf8"));
const named = Object.assign({}, ...Object.values(rules));
const unknown = asked.rules.filter((name) => !(name in named));
if (unknown.length) {
  console.error(`cdk-nag has no rule ${unknown.join(", ")}`);
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), "shirase-check-"));
try {
  for (const template of asked.templates) {
    console.log(JSON.stringify(judged(template)));
  }
} finally {
  rmSync(folder, { recursive: true });
}

function judged(template) {
  const stack = new Stack(new App({ analyticsReporting: false }), "Checked");
  const templateFile = join(folder, "template.json");
  writeFileSync(templateFile, JSON.stringify(template));
  new CfnInclude(stack, "Template", { templateFile });
  const found = {};
  for (const node of stack.node.findAll()) {
    if (CfnResource.isCfnResource(node)) {
      found[stack.resolve(node.logicalId)] = judgedBy(node);
    }
  }
  return found;
}

function judgedBy(node) {
  const said = {};
  for (const name of asked.rules) {
    try {
      const result = named[name](node);
      if (result !== NagRuleCompliance.NOT_APPLICABLE) {
        said[name] = Array.isArray(result) ? result.length > 0 : result === NagRuleCompliance.NON_COMPLIANT;
      }
    } catch (error) {
      said[name] = String(error.message).split("\n")[0];
    }
  }
  return said;
}
