// Runs exported decisions over their case files with a reader and an interpreter that are not ours:
// dmn-moddle reads DMN 1.3, feelin reads FEEL. Only the walk over rows and hit policies is written here.
//
//     node run.mjs DIRECTORY
//
// Prints `TABLE: N cases, N failures` for each table; the exit code is 1 where there is any failure.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { DmnModdle } from 'dmn-moddle';
import { evaluate, unaryTest } from 'feelin';

const UNKNOWN = 'unknown';

/** Reads a DMN file; what the reader warns of is a failure. */
async function read(path) {
  const { rootElement, warnings } = await new DmnModdle().fromXML(await readFile(path, 'utf-8'));
  if (warnings.length) {
    throw new Error(`${path}: ${warnings.map((warning) => warning.message).join('; ')}`);
  }
  const elements = Object.fromEntries(rootElement.drgElement.map((element) => [element.id, element]));
  return elements;
}

/** Returns what a FEEL expression gives; only a missing variable may give null. */
function value(text, context) {
  const found = evaluate(text, context);
  return found.value ?? null;
}

/** Says whether a cell allows a value; an empty cell allows any. */
function allows(text, input, context) {
  return !text || unaryTest(text, { ...context, '?': input }).value === true;
}

/** Returns what a decision gives, after every decision that it needs. */
function decide(elements, id, inputs, found) {
  if (!(id in found)) {
    const element = elements[id];
    const context = {};
    for (const requirement of element.informationRequirement ?? []) {
      const { requiredInput, requiredDecision } = requirement;
      const name = (requiredInput ?? requiredDecision).href.slice(1);
      context[name] = requiredInput ? (inputs[name] ?? null) : decide(elements, name, inputs, found);
    }
    found[id] = table(element.decisionLogic, context);
  }
  return found[id];
}

/** Returns what a decision table gives. */
function table(logic, context) {
  const values = logic.input.map((input) => value(input.inputExpression.text, context));
  const met = logic.rule.filter((rule) =>
    rule.inputEntry.every((entry, i) => allows(entry.text, values[i], context))
  );
  const outcomes = (logic.hitPolicy === 'FIRST' ? met.slice(0, 1) : met).map((rule) => {
    const given = rule.outputEntry.map((entry) => value(entry.text, context));
    return given.length === 1
      ? given[0]
      : Object.fromEntries(given.map((item, i) => [logic.output[i].name, item]));
  });
  if (logic.aggregation === 'SUM') {
    return outcomes.reduce((sum, item) => sum + item, 0);
  }
  return logic.hitPolicy === 'FIRST' ? (outcomes[0] ?? null) : outcomes;
}

/** Returns how each option that is listed stands: `matches` wins over `depends`. */
function standing(options) {
  const found = {};
  for (const { option, status } of options) {
    found[option] = found[option] === 'matches' ? 'matches' : status;
  }
  return found;
}

/** Says what is wrong with the answer to one case, or nothing. */
function fault({ inputs, expected, program }, elements) {
  const found = {};
  const { level, rule } = decide(elements, 'likelihood', inputs, found);
  const options = 'options' in elements ? standing(decide(elements, 'options', inputs, found)) : {};
  if (level !== expected.level || rule !== expected.rule) {
    return `${level} ${rule}, not ${expected.level} ${expected.rule}`;
  }
  if (level !== UNKNOWN && !(program.levels.length === 1 && program.levels[0] === level)) {
    return `${level}, but the program says ${program.levels.join(' or ')}`;
  }
  const [given, wanted] = [options, expected.options].map((part) => JSON.stringify(Object.entries(part).sort()));
  return given === wanted ? '' : `${given}, not ${wanted}`;
}

let failed = 0;
const directory = process.argv[2];
if (!directory) {
  console.error('give the directory that `riskcli rules export --format dmn --output` wrote');
  process.exit(2);
}
for (const file of (await readdir(directory)).filter((name) => name.endsWith('.cases.json')).sort()) {
  const { cases, decisions, cancer } = JSON.parse(await readFile(join(directory, file), 'utf-8'));
  const elements = await read(join(directory, decisions));
  const faults = cases.map((item) => [item.id, fault(item, elements)]).filter(([, said]) => said);
  console.log(`${cancer}: ${cases.length} cases, ${faults.length} failures`);
  faults.forEach(([id, said]) => console.log(`  ${id}: ${said}`));
  failed += faults.length;
}
process.exit(failed ? 1 : 0);
