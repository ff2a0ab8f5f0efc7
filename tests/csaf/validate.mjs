// validate.mjs FILE: does the CSAF 2.0 document pass the schema and all mandatory tests of section 6.1?
import { readFileSync } from 'node:fs'
import validate from '@secvisogram/csaf-validator-lib/validate.js'
import * as schema from '@secvisogram/csaf-validator-lib/schemaTests.js'
import * as mandatory from '@secvisogram/csaf-validator-lib/mandatoryTests.js'

const tests = [...Object.values(schema), ...Object.values(mandatory)]
const result = await validate(tests, JSON.parse(readFileSync(process.argv[2], 'utf8')))
for (const test of result.tests)
	for (const error of test.errors ?? [])
		console.log(`${test.name} ${error.instancePath}: ${error.message}`)
console.log(`${result.tests.filter((t) => t.isValid).length} of ${result.tests.length} tests`)
process.exit(result.isValid ? 0 : 1)
