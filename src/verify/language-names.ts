/** Names of languages as questions have them: "translate into French", "用中文回答". */

const NAMES: readonly (readonly [language: string, names: string])[] = [
  ["ar", "Arabic|阿拉伯语|阿拉伯文"],
  ["bg", "Bulgarian"],
  ["cs", "Czech"],
  ["da", "Danish"],
  ["de", "German|Deutsch|德语|德文"],
  ["el", "Greek|希腊语"],
  ["en", "English|英语|英文"],
  ["es", "Spanish|Español|西班牙语|西班牙文"],
  ["fa", "Persian|Farsi"],
  ["fi", "Finnish"],
  ["fr", "French|Français|法语|法文"],
  ["he", "Hebrew"],
  ["hi", "Hindi|印地语"],
  ["hu", "Hungarian"],
  ["id", "Indonesian"],
  ["it", "Italian|Italiano|意大利语"],
  ["ja", "Japanese|日语|日文|日本語|Kanji|Hiragana|Katakana"],
  ["ko", "Korean|Hangul|韩语|韩文|한국어"],
  ["nl", "Dutch"],
  ["pl", "Polish"],
  ["pt", "Portuguese|Português|葡萄牙语"],
  ["ro", "Romanian"],
  ["ru", "Russian|俄语|俄文"],
  ["sv", "Swedish"],
  ["sw", "Swahili"],
  ["th", "Thai|泰语"],
  ["tr", "Turkish"],
  ["uk", "Ukrainian"],
  ["ur", "Urdu"],
  ["vi", "Vietnamese|越南语"],
  ["zh", "Chinese|Mandarin|Cantonese|中文|汉语|普通话"],
];

const PATTERNS = NAMES.map(([language, names]) => [language, new RegExp(`(?:${names})`, "iu")] as const);

/** The languages that a text names. */
export function namedLanguages(text: string): Set<string> {
  return new Set(PATTERNS.filter(([, names]) => names.test(text)).map(([language]) => language));
}
