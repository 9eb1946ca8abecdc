/** What the kiosk says to visitors where a scan did not succeed, in English. */
import type { KioskWords } from './kiosk-zh-cn.ts'

export const kioskEndingsEn: KioskWords['endings'] = {
  payment: {
    headline: 'This is a payment code',
    lead: 'It cannot be used here, please put it away',
    remedy: 'Open your e-Health card, Ankang code or e-Insurance code. Your payment code was not kept.',
  },
  unknown: {
    headline: 'This code is not for here',
    lead: 'It is not a health code, perhaps another QR code',
    remedy: 'Open your e-Health card, Ankang code or e-Insurance code and scan again.',
  },
  expired: {
    headline: 'This code has expired',
    lead: 'A code works once and only for a short time',
    remedy: 'Refresh the code on your phone and scan again.',
  },
  refused: {
    headline: 'The code was not accepted',
    lead: 'It may have expired; a fresh one often works',
    remedy: 'Refresh the code and scan again. If that fails, use your ID document.',
  },
  noCard: {
    headline: 'No card was found',
    lead: 'You may not have this electronic card yet',
    remedy: 'Apply for it on your phone, or use your ID or social security card.',
  },
  frozen: {
    headline: 'Your card is not active',
    lead: 'This electronic card was frozen or closed',
    remedy: 'Activate it again in the mini programme 电子健康卡. For today, use your ID document.',
  },
  identity: {
    headline: 'Identity not confirmed',
    lead: 'The name or number on your phone may differ from the records',
    remedy: 'Please take your ID document to a service desk.',
  },
  identityLater: {
    headline: 'Identity not yet confirmed',
    lead: 'The checking system gave no result just now',
    remedy: 'Refresh the code and scan again. If that fails, use your ID document.',
  },
  full: {
    headline: 'Too many people linked',
    lead: 'This WeChat account has reached its limit of patients',
    remedy: 'Unlink those no longer needed in the mini programme, or use your ID document.',
  },
  notOffered: {
    headline: 'Not accepted at this machine',
    lead: 'Your code is fine; it is not enabled here',
    remedy: 'Use another code, or your ID or social security card.',
  },
  network: {
    headline: 'No connection just now',
    lead: 'Your code is fine',
    remedy: 'Try again in a while. If you are in a hurry, go to a service desk.',
  },
  slow: {
    headline: 'No answer came in time',
    lead: 'Your code is fine but may be used up',
    remedy: 'Refresh the code on your phone and scan again.',
  },
  busy: {
    headline: 'The system is very busy',
    lead: 'Your code is fine',
    remedy: 'Wait a minute, refresh the code and scan again. In a hurry? Go to a service desk.',
  },
  terminal: {
    headline: 'This machine cannot do it',
    lead: 'Your code is fine; the machine needs a check',
    remedy: 'Please go to a service desk, or call staff.',
  },
  incomplete: {
    headline: 'Only part was read',
    lead: 'The phone may have moved',
    remedy: 'Hold your phone still and scan again.',
  },
}
