import { describe, expect, it } from 'vitest'
import { CODES } from '../../../src/transcode/codes/index.ts'
import type { CodeDefinition } from '../../../src/transcode/codes/code-definition.ts'
import { createRecogniser } from '../../../src/transcode/recognise.ts'

const definitions: readonly CodeDefinition[] = CODES

describe.each(definitions.map((definition) => [definition.label, definition] as const))('%s', (_label, definition) => {
  it.each(definition.samples.map((sample) => [sample.title, sample.text] as const))('takes its sample: %s', (_title, text) => {
    expect(createRecogniser(definition.sampleSettings)(text).format).toBe(definition.format)
  })
  it('has samples, a label and a pattern that is off or its own', () => {
    expect(definition.samples.length).toBeGreaterThan(0)
    expect(definition.label).not.toBe('')
    expect(definitions.filter(({ format }) => format === definition.format)).toHaveLength(1)
  })
})

it('takes no sample of a format that needs a setting where the setting is missing', () => {
  for (const definition of definitions.filter(({ sampleSettings }) => sampleSettings)) {
    for (const sample of definition.samples) expect(createRecogniser()(sample.text).format).toBe('unknown')
  }
})
