/** What of an outcome may be held by who may not see a person, or not in full. */
import { maskIdNumber, maskName, maskPhone } from '../devices/scan.ts'
import type { Outcome, Patient } from '../transcode/outcome.ts'

/** Members that name nobody. A new member of either type is shown only if it is named here: the compiler asks for a decision. */
const OUTCOME_SHOWN = {
  id: true, seq: true, scannedAt: true, elapsedMs: true, source: true, code: true, status: true, failures: true, reports: true, error: true, handledAt: true, notices: true,
  patient: false, eVoucher: false, targets: false,
} as const satisfies Record<keyof Outcome, boolean>
// What tells a colour or a word tells nobody who it is; ids, the address and the birthday do.
const PATIENT_SHOWN = {
  idType: true, idTypeName: true, gender: true, nation: true, isSelf: true, healthLevel: true, authType: true, dataSource: true, channel: true,
  name: false, idNumber: false, phone: false, phone2: false, birthday: false, address: false, healthCardId: false, qrCodeText: false, phid: false, patid: false, authObject: false, userId: false,
} as const satisfies Record<keyof Patient, boolean>

/**
 * The outcome with names and numbers masked and without any code text. A
 * target's id may be an identity number (安康码 7.3's sample has one), so a
 * screen gets `#1`, `#2` … instead, which a choice accepts too.
 */
export function maskOutcome(outcome: Outcome): Outcome {
  const masked = withoutIdentity(outcome)
  if (outcome.patient) masked.patient = maskPatient(outcome.patient)
  return masked
}

/** The outcome with nothing of a person: how it ended, when, and the kinds of its targets. */
export function withoutIdentity(outcome: Outcome): Outcome {
  const targets = outcome.targets.map(({ type, typeName }, index) => ({ type, typeName, id: `#${index + 1}`, qrCode: '', object: {} }))
  return { ...(shownOf(outcome, OUTCOME_SHOWN) as Omit<Outcome, 'targets'>), targets }
}

function maskPatient(patient: Patient): Patient {
  const masked = shownOf(patient, PATIENT_SHOWN)
  if (patient.name !== undefined) masked.name = maskName(patient.name)
  if (patient.idNumber !== undefined) masked.idNumber = maskIdNumber(patient.idNumber)
  if (patient.phone !== undefined) masked.phone = maskPhone(patient.phone)
  return masked
}

function shownOf<T extends object>(value: T, shown: Readonly<Record<string, boolean>>): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([key, member]) => shown[key] === true && member !== undefined)) as Partial<T>
}
