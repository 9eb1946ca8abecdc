import { checkKioskStates } from './kiosk-check.ts'

checkKioskStates({ pictures: true })
