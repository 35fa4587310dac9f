// Applies rules of cdk-nag to templates: {"templates": [template, …], "rules": [name, …]} on standard input → on
// standard output, a line for each template: {logical id: {rule: true (violated) | false | "what it threw"}}.
// A resource that CfnInclude throws on is left out of its template: each of its rules has what was thrown, and so has
// each that is violated by a resource it names, whose violation may be due to its absence.
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
} catch (error) {
  console.error(`Error: ${firstLine(error)}`); // what Node itself would print ends with its version, not with a reason
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}

function judged(template) {
  try {
    return judgedWhole(template.Resources);
  } catch (error) {
    const broken = thrownOn(template.Resources);
    if (!Object.keys(broken).length) throw error;
    const found = judgedWhole(without(template.Resources, (id) => id in broken));
    for (const [id, thrown] of Object.entries(broken)) {
      found[id] = Object.fromEntries(asked.rules.map((rule) => [rule, thrown]));
      for (const other of namedIn(template.Resources[id], found)) {
        for (const rule of asked.rules) {
          if (found[other][rule] === true) found[other][rule] = `${id}: ${thrown}`;
        }
      }
    }
    return found;
  }
}

function thrownOn(resources) {
  const found = {};
  for (const id of Object.keys(resources)) {
    // Alone with what it names, for to include all the others each time takes minutes.
    const named = namedIn(resources[id], resources).filter((other) => other !== id);
    const few = Object.fromEntries([id, ...named].map((one) => [one, resources[one]]));
    try {
      included(without(few, (other) => other !== id));
    } catch (error) {
      found[id] = firstLine(error);
    }
  }
  return found;
}

// Resources that nobody knows the type of stand in their place, so that they may be referred to.
function without(resources, isLeftOut) {
  const kept = Object.entries(resources).map(([id, one]) => [id, isLeftOut(id) ? { Type: "Custom::LeftOut" } : one]);
  return Object.fromEntries(kept);
}

function namedIn(resource, among) {
  const texts = new Set(textsOf(resource.Properties));
  return Object.keys(among).filter((id) => texts.has(id));
}

function textsOf(value) {
  if (typeof value === "string") return [value];
  return value && typeof value === "object" ? Object.values(value).flatMap(textsOf) : [];
}

function included(resources) {
  const stack = new Stack(new App({ analyticsReporting: false }), "Checked");
  const templateFile = join(folder, "template.json");
  writeFileSync(templateFile, JSON.stringify({ Resources: resources }));
  new CfnInclude(stack, "Template", { templateFile });
  return stack;
}

function judgedWhole(resources) {
  const stack = included(resources);
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
      said[name] = firstLine(error);
    }
  }
  return said;
}

function firstLine(error) {
  return String(error.message).split("\n")[0];
}
