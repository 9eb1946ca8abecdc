/** The kiosk's words in English, for visitors. */
import { kioskEndingsEn } from './kiosk-endings-en.ts'
import { kioskRegisterEn } from './kiosk-register-en.ts'
import type { KioskWords } from './kiosk-zh-cn.ts'

export const kioskEn: KioskWords = {
  htmlLang: 'en',
  noHospital: 'Self-service scanning',

  tools: {
    label: 'Display and help',
    language: '中文',
    elder: 'Large text',
    elderOff: 'Standard',
    contrast: 'High contrast',
    contrastOff: 'Normal colours',
    voice: 'Voice on',
    silent: 'Muted',
    call: 'Call staff',
  },

  time: {
    back: (seconds) => `Back to start in ${seconds} s`,
    soon: 'Are you still there?',
    more: 'I need more time',
    spoken: 'Are you still there? For more time, press the button at the bottom.',
  },

  attract: {
    headline: 'Touch to check in',
    lead: 'Show the QR code on your phone to be identified',
    start: 'Touch here to start',
  },

  welcome: {
    headline: 'Open your health code',
    lead: 'Not sure how? Touch the code that you use',
    leadElder: 'Open the QR code on your phone, then press the large button',
    ready: 'My code is open: scan it',
    teach: 'Show me how to open it',
    nocode: 'I have no phone or code',
    privacy:
      'This machine reads your QR code only to identify you; no picture is taken or kept. What is on the screen is cleared when you leave.',
    closedHeadline: 'Scanning is not available here',
    closedLead: 'Staff will see to it. Please go to a service desk meanwhile',
  },

  codes: {
    ankang: { name: 'Ankang code', where: 'Wanshitong app' },
    'card-wechat': { name: 'e-Health card', where: 'WeChat' },
    'voucher-wechat': { name: 'e-Insurance code', where: 'WeChat' },
    'voucher-alipay': { name: 'e-Insurance code', where: 'Alipay' },
    yuejiantong: { name: 'Yuejiantong', where: 'WeChat' },
  },

  pictures: {
    wechat: '微信',
    alipay: '支付宝',
    alipaySign: '支',
    wanshitong: '皖事通',
    wanshitongSign: '皖',
    yuejiantong: '粤健通',
    yuejiantongSign: '粤',
    search: '搜索',
    me: '我',
    services: '服务',
    medical: '医疗健康',
    voucher: '医保码',
    card: '电子健康卡',
    ankang: '安康码',
    scanHere: 'Hold the code here',
  },

  guide: {
    headline: (name) => `Opening the ${name}`,
    lead: (where) => `Three steps in ${where}`,
    of: (number, count) => `Step ${number} of ${count}`,
    previous: 'Back',
    next: 'Next',
    done: 'It is open: scan it',
    other: 'Another code',
    pickHeadline: 'Which code do you use?',
    pickLead: 'Touch the one that you know',
    steps: {
      ankang: ['Open the app 皖事通', 'Touch 安康码 on its first page', 'Turn the screen to full brightness'],
      'card-wechat': ['Open WeChat and touch search', 'Type 电子健康卡 and open it', 'Touch your card; turn the screen bright'],
      'voucher-wechat': ['In WeChat touch 我 (Me), then 服务', 'Touch 医疗健康, then 医保码', 'Turn the screen to full brightness'],
      'voucher-alipay': ['Open Alipay and touch search', 'Type 医保码 and open the first', 'Turn the screen to full brightness'],
      yuejiantong: ['Open WeChat and touch search', 'Type 粤健通 and open it', 'Open the hospital’s code; turn the screen bright'],
    },
  },

  scan: {
    headline: 'Show your QR code',
    cameraLead: 'Screen towards the lens, a hand’s length away',
    scannerLead: 'Screen towards the reader until you hear the tone',
    guidance: {
      starting: 'Opening the camera, please wait',
      searching: 'Put the code inside the frame',
      far: 'Too far: come a little closer',
      dark: 'Too dark: turn your screen up',
      dim: 'Your screen is too dim: turn it up',
      bright: 'Glare: tilt your phone a little',
      unclear: 'Found it: hold still',
      ready: 'Got it',
    },
    notices: {
      CODE_PART: (at, of) => `This is part ${at} of ${of}: show the other parts too`,
      CODE_SEVERAL_PATIENTS: () => 'Two people’s codes are in view: show only one',
    },
    scannerTips: ['Screen at full brightness', 'A hand’s length from the reader', 'Hold still for two seconds'],
    lostHeadline: 'The camera shows nothing',
    lostLead: 'It is being restored; a service desk can help you too',
    back: 'Back to start',
    teach: 'Show me how to open it',
    video: 'Camera picture',
  },

  working: {
    headline: 'Checking, please wait',
    lead: 'Keep the QR code open on your phone',
    slowHeadline: 'Still waiting for an answer',
    slowLead: 'It is a busy moment; this will not take long',
    leave: 'Stop waiting',
  },

  accepted: {
    headline: 'You are checked in',
    lead: 'Please see whether this is you',
    handedHeadline: 'Your code was read',
    handedLead: 'No need to scan again: you can go on',
    adviceHeadline: 'Please see our staff first',
    adviceLead: 'Wait here, someone will show you the way',
    yellowLead: 'Go to the triage desk first; they will show you the way',
    name: 'Name',
    idNumber: 'ID number',
    notSelf: 'You are acting for someone else: please check the name',
    next: 'What comes next',
    nextPlain: 'Please go on at a service desk',
    nextStep: (step) => `Please go on: ${step}`,
    nextPlace: (department, step) => `Please go to ${department}: ${step}`,
    done: 'Done, thank you',
    wrong: 'This is not me',
    showCard: 'Show my e-Health card',
    goOn: 'Continue on my phone',
  },

  steps: {
    '010101': 'registration',
    '0101011': 'booking an appointment',
    '0101012': 'registration for today',
    '0101015': 'taking a number',
    '010102': 'consultation',
    '0101021': 'waiting for the doctor',
    '0101023': 'printing records',
    '010103': 'pharmacy',
    '010104': 'examination',
    '0101041': 'booking an examination',
    '010105': 'payment',
    '0101051': 'outpatient payment',
    '0101053': 'inpatient payment',
    '010106': 'prescription',
    '010108': 'reports',
    '0101081': 'examination reports',
    '0101082': 'laboratory reports',
    '010109': 'admission',
  },
  targets: { '002': 'e-Health code', '003': 'e-Insurance code', '3400001': 'e-Social security card', '3400004': 'All-in-one code', '3402050': 'Canteen card (Wuhu)' },

  choose: {
    headline: 'Please choose one',
    lead: 'You have several codes; touch the one to use',
    back: 'None of these',
  },

  endings: kioskEndingsEn,

  register: kioskRegisterEn,

  ending: {
    remedy: 'What you can do',
    rescan: 'Refreshed: scan again',
    rescanPlain: 'Scan again',
    teach: 'Show me how to open a code',
    instead: 'What else can I use?',
    call: 'Call staff',
    back: 'Back to start',
  },

  noCode: {
    headline: 'You can do without a code',
    lead: 'Take any one of these to a service desk',
    items: [
      { picture: 'id-card', name: 'ID card', note: 'A passport will do as well' },
      { picture: 'insurance-card', name: 'Social security card', note: 'Needed for insurance claims' },
      { picture: 'hospital-card', name: 'Hospital card', note: 'From an earlier visit here' },
    ],
    family: 'Nothing with you? Tell staff your name and ID number, or let your family show theirs.',
    call: 'Call staff',
    back: 'Back to start',
  },

  card: {
    headline: 'My e-Health card',
    lead: 'Let the doctor or a machine scan this code',
    mark: '居民健康卡',
    wait: 'Getting your code, please wait',
    fresh: (seconds) => `A new code in ${seconds} s`,
    failed: 'No code just now, trying again',
    refused: 'No code here now: use the card on your phone',
    own: 'For hospital staff only: do not send a photo of it',
    back: 'Done',
  },

  phone: {
    headline: 'Continue on your phone',
    lead: 'Scan the code below with your phone',
    own: 'This code is yours alone: leave this page when done',
    back: 'Done',
  },

  call: {
    headline: 'Help wanted',
    states: {
      sending: { headline: 'Telling our staff', lead: () => 'This machine is ringing, please stay here' },
      told: { headline: 'Staff have been told', lead: () => 'Please wait here' },
      seen: { headline: 'Staff have seen it', lead: () => 'Please wait here' },
      failed: { headline: 'Staff could not be told', lead: (place) => `Go to a service desk${place && ` (${place})`}, or wave to the staff` },
      local: { headline: 'This machine is ringing', lead: (place) => `Wave to the staff, or go to a service desk${place && ` (${place})`}` },
    },
    sign: (number) => `Call no. ${number}`,
    terminal: (id) => `Machine ${id}`,
    ring: 'Ring again',
    stop: 'No longer needed',
    spoken: (id) => `Help is wanted at machine ${id}`,
    spokenPlain: 'Help is wanted at this machine',
  },

  offline: {
    headline: 'Restarting, please wait',
    lead: 'This usually takes less than a minute',
    remedy: 'In a hurry? Please go to a service desk. What you scanned is not lost.',
  },

  pin: {
    title: 'Technician’s PIN',
    lead: 'Patients, please press Close',
    close: 'Close',
    enter: 'Enter',
    clear: 'Clear',
    digits: (count) => `${count} digits entered`,
    wrong: 'Wrong PIN, please try again',
    locked: (minutes) => `Locked: try again in ${minutes} min`,
    notSet: 'No PIN has been set; set one in the diagnostics',
    failed: 'The terminal did not answer, try again later',
  },
}
