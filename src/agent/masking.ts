/** What a screen may hold of a person before it is asked for more. */
import { maskIdNumber, maskName, maskPhone } from '../devices/scan.ts'
import type { Outcome, Patient } from '../transcode/outcome.ts'

/**
 * The outcome with names and numbers masked and without any code text. A
 * target's id may be an identity number (安康码 7.3's sample has one), so a
 * screen gets `#1`, `#2` … instead, which a choice accepts too.
 */
export function maskOutcome(outcome: Outcome): Outcome {
  const targets = outcome.targets.map((target, index) => ({ ...target, id: `#${index + 1}`, qrCode: '', object: {} }))
  const masked: Outcome = { ...outcome, targets }
  if (outcome.patient) masked.patient = maskPatient(outcome.patient)
  delete masked.eVoucher
  return masked
}

function maskPatient(patient: Patient): Patient {
  const masked: Patient = {}
  if (patient.name !== undefined) masked.name = maskName(patient.name)
  if (patient.idNumber !== undefined) masked.idNumber = maskIdNumber(patient.idNumber)
  if (patient.phone !== undefined) masked.phone = maskPhone(patient.phone)
  // What tells a colour or a word tells nobody who it is; ids, the address and the birthday do.
  for (const key of ['idType', 'idTypeName', 'gender', 'nation', 'isSelf', 'healthLevel', 'authType', 'dataSource', 'channel'] as const) {
    if (patient[key] !== undefined) (masked as Record<string, unknown>)[key] = patient[key]
  }
  return masked
}
