/** How the kiosk's characters are read: pinyin with the tone's number, 0 the light one. */

const BY_SYLLABLE = `
an1安 an4按暗 ba3把 ban1般 ban4办 bang1帮 bang3绑 bao3保宝 bei4被 ben3本 bi3比 bie2别 bing4病 bu4不步 cha2查 chang2常
chao2朝 cheng2程 chu1出 chu3处 chuang1窗 ci4次 da2答 da3打 da4大 dai4带 dan4但 dao4到 de0的得 deng1登 deng3等 di4第
dian3点 dian4电 diao4掉 ding4定 dong4动冻 du2读 du4度 dui4对 duo1多 er2儿 er4二2 fan3反 fang1方 fen1分 fen4份 fu2服
fu4付复 gao4告 ge4个 gei3给 geng4更 gong1工 gong4共 guan1关 guang1光 guo3果 guo4过 hai2还 hao3好 he2核何和 hen3很
hou4候 hua4画 hui1恢 hui4会 huo4或 ji1机 ji3几 ji4记继 jia1家 jian1间 jian3检 jian4健件 jiao3角 jiao4较 jie2结 jin1今
jin3尽 jin4近 jing1经 jing4镜 jiu3久 jiu4就 ka3卡 kai1开 kan4看 kang1康 kao4靠 ke3可 kou3口 kuai4快 kuan3款 lai2来
le0了 li2离 li3理里 liang4亮 liao2疗 ling3领 luo4络 ma0吗 ma3码 man3满 mang2忙 me0么 mei2没 mian4面 ming2名 zi4字 mu4幕 na2拿
na3哪 nei4内 neng2能 nin2您 niu3钮 ping2屏凭 qi1期 qi3起 qi4器 qing3请 qu4去 ren2人 ren4任 ru4入 sao3扫 shang4上
shao1稍 shen1身 sheng1声生 shi1失 shi2时 shi3使 shi4事是 shou1收 shou3手首 shu1输 shu4数 shua1刷 sou1搜 su4诉 suo3索
san1三3 ta1它 tai2台 tai4太 ti2题 ti4替 tian1天 tiao2调 ting1听 ting2停 tong1通 tong3统 tou2头 wan2完 wan3皖 wang3网
wei1微 wei2维 wen3稳 wen4问 wo3我 wu4务 xi4系 xia4下 xian1先 xian4限 xiang4向 xiao1销 xiao3小 xiao4效 xin1新 xin4信
xing4姓 xu1需 xu4序续 xuan3选 yang4样 yao4要 ye3也 ye4页 yi1一医1 yi3以已 yin1音 ying4应 yong4用 you3有 you4右 yu3与 yu4预
yuan2员原 yuan3远 yuan4院 yue1约 yue4粤 zai4在再 zan4暂 zen3怎 zhang1张 zhang3掌 zhao3找 zhe0着 zhe4这 zhen3诊
zheng3整 zheng4证正 zhi1支知 zhi3只 zhong1钟 zhong3种 zhu4注助 zhuan3转 zhun3准 zi3子 zi4自 zou3走 zui4最 zuo4作
dou1都 gai3改 hao4号 huan4换 ji3己 jian4建 jie3解 ming2明 pai1拍 pian4片 ren4认 rong2容 shei2谁 shi4试 si4四 tian2填 xian4现
xie1些 xie3写 xue2学 zhao4照 zhe3者 qi3启 hou4后 chong2重
`

/** Where a character is read otherwise than alone; the longest that fits counts. */
const BY_WORD: Record<string, string> = {
  转个角度: 'zhuan4 ge0 jiao3 du4',
  原处: 'yuan2 chu4',
  办不了: 'ban4 bu4 liao3',
  一会儿: 'yi2 hui4 er2',
  看一看: 'kan4 yi0 kan4',
  这个: 'zhe4 ge0',
  哪一个: 'na3 yi2 ge4',
  几个: 'ji3 ge0',
  您的: 'nin2 de0',
}

const CHARACTERS = new Map(
  BY_SYLLABLE.trim()
    .split(/\s+/)
    .flatMap((entry) => {
      const [, syllable, characters] = /^([a-z]+\d)(.+)$/.exec(entry)!
      return [...characters!].map((character) => [character, syllable!] as const)
    }),
)
const WORDS = Object.keys(BY_WORD).sort((a, b) => b.length - a.length)

/** A phrase without a pause -> its syllables as they are said in a row. Throws where a character has no reading. */
export function readingOf(phrase: string): string[] {
  const syllables: string[] = []
  for (let at = 0; at < phrase.length; ) {
    const word = WORDS.find((candidate) => phrase.startsWith(candidate, at))
    if (word) syllables.push(...BY_WORD[word]!.split(' '))
    else {
      const syllable = CHARACTERS.get(phrase[at]!)
      if (!syllable) throw new Error(`no reading for ${phrase[at]} in ${phrase}: add it to resources/voice/readings.ts`)
      const next = phrase[at + 1] ?? ''
      syllables.push(changed(phrase[at]!, syllable, phrase[at - 1] ?? '', CHARACTERS.get(next)))
    }
    at += word?.length ?? 1
  }
  return thirdTones(syllables)
}

/** 一 and 不 lean on the tone that follows; a number in a row keeps its own. */
function changed(character: string, syllable: string, before: string, next: string | undefined): string {
  const tone = next?.at(-1)
  if (character === '不') return tone === '4' ? 'bu2' : syllable
  if (character !== '一' || before === '第' || tone === undefined) return syllable
  return tone === '4' || tone === '0' ? 'yi2' : 'yi4'
}

/** Of third tones in a row all but the last rise. */
function thirdTones(syllables: readonly string[]): string[] {
  return syllables.map((syllable, at) => (syllable.endsWith('3') && syllables[at + 1]?.endsWith('3') ? syllable.replace('3', '2') : syllable))
}
