"""Strings that tell tokenizers apart, written as escapes wherever an editor or a font could change or hide them."""

SPACES = [
    " ", "  ", "   ", "        ", "\t", "\n", "\r", "\r\n", "\n\n", "\n\r", "\v", "\f", "\x1c", "\x1f", "\x85", "\xa0", "\u1680",
    "\u180e", "\u2000", "\u2003", "\u200a", "\u200b", "\u200c", "\u200d", "\u2028", "\u2029", "\u202f", "\u205f", "\u2060",
    "\u3000", "\ufeff", " \n", "\n ", " \t", "\t\n", "\xa0\n", "\u3000\u3000",
]  # fmt: skip

CONTRACTIONS = [
    "'s", "'S", "'\u017f", "'t", "'T", "'re", "'Re", "'RE", "'ve", "'vE", "'m", "'ll", "'LL", "'lL", "'d", "'D", "'", "''", "'x",
    "\u2019s", "\u2019re", "'\u017ft", "'\ufb06", "'l", "'r", "'v", "I'll", "they're", "CAN'T", "'tis", "o'clock", "it's's",
]  # fmt: skip

MARKS = [
    "\u0300", "\u0301", "\u0302", "\u0303", "\u0308", "\u030a", "\u0316", "\u031b", "\u0323", "\u0327", "\u0328", "\u0334",
    "\u0338", "\u0344", "\u0345", "\u035c", "\u0360", "\u0489", "\u05b4", "\u05bc", "\u0651", "\u064b", "\u0653", "\u093c", "\u09be",
    "\u0b3e", "\u0d3e", "\u0dca", "\u0e38", "\u0f71", "\u0f72", "\u0f74", "\u1abf", "\u1dce", "\u20d0", "\u3099", "\u309a", "\ufe20",
    "\U0001d165", "\U0001d16d", "\U000110ba", "\u0cd5", "\u102e", "\u1b35", "\U00011127", "\U0001133e", "\U00011930",
]  # fmt: skip

LETTERS = [
    "a", "e", "o", "A", "I", "\u00c5", "\u212b", "\u2126", "\u00e9", "e\u0301", "\u1e9b\u0323", "q\u0307\u0323", "\u0419", "\u0438\u0306",
    "\u05e9\u05bc\u05c1", "\ufb2c", "\u0627\u0653", "\u0915\u093c", "\u0958", "\u09c7", "\u09cb", "\u0b47", "\u0d46", "\u0dd9", "\u0f40\u0fb5",
    "\u1100", "\u1161", "\u11a8", "\u1112\u1175\u11c2", "\uac00", "\uac01", "\uac00\u11a7", "\ud7a3", "\ud7b0", "\u304b", "\u30cf",
    "\uf900", "\ufa0e", "\U0002f800", "\U0001d15e", "\u0340", "\u0374", "\u037e", "\u0387", "\u2329", "\u2adc", "\u1fef", "\u00aa", "\u02b0",
    "\u2c2f", "\u31bf", "\ua7dc", "\U00010d4a", "\U0001df00", "\U0002ebf0", "\U00031350", "\u0cc6", "\u1025", "\u1b05", "\U00011935",
]  # fmt: skip

DIGITS = [
    "0", "7", "42", "2024", "3.14159", "1,000,000", "-1e-5", "0x1F", "\u0664", "\u06f5", "\u096a", "\u0e53", "\u2167", "\u00bd", "\u00b2",
    "\u2460", "\u3007", "\u3023", "\u4e09", "\uff17", "\u19da", "\u0f33", "\U0001d7d8", "\U00010107", "\U0001f101", "\U0001fbf5",
    "\u00b9\u00b2\u00b3", "\U00011f51", "\U00010d42", " 1", "a1", "1a", "\u0c66", "\ua8e0", "\U00016ac3",
]  # fmt: skip

WORDS = [
    "the", " the", "Hello", " world", "Panda", " Pandas", "antidisestablishmentarianism", "QwQ", "\u4f60\u597d", "\u4e16\u754c\uff0c",
    "\u3002", "\u6211\u4eec\u5047\u8bbe", "\u3053\u3093\u306b\u3061\u306f", "\u30e9\u30fc\u30e1\u30f3", "\uc548\ub155", "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35",
    "\u041f\u0440\u0438\u0432\u0435\u0442", "\u03ba\u1f79\u03c3\u03bc\u03b5", "\u0645\u0631\u062d\u0628\u0627", "\u05e9\u05b8\u05c1\u05dc\u05d5\u05b9\u05dd",
    "\u0928\u092e\u0938\u094d\u0924\u0947", "na\u00efve", "Stra\u00dfe", "\u0130stanbul", "\ufb01n", "e\u0301te\u0301", "Vi\u1ec7t", "Vie\u0323\u0302t",
]  # fmt: skip

SYMBOLS = [
    "!", "?!", "...", "---", "=====", "#", "\u2014", "\u00ab", "\u20ac", "\u2603", "\U0001f600", "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\U0001f44d\U0001f3fd", "\U0001f1eb\U0001f1f7", "\u2764\ufe0f", "1\ufe0f\u20e3", "\x00", "\x04", "\x1b[0m", "\x7f", "\x80", "\xad", "\u200e", "\u202e", "\ue000",
    "\U000f0000", "\U0010ffff", "\ufffd", "\uffff", "\u0378", "\U0001fffe", "\U00050000", "\U000e0041", "\U000e0100", "\u0600", "\U0001f9ff",
]  # fmt: skip

ADDED = [
    "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<think>", "</think>", "<tool_call>", "</tool_call>", "<|fim_prefix|>",
    "<|file_sep|>", "<|vision_pad|>", "<tool_response>", "<repo_name>", "<file_sep>", "<issue_start>", "<jupyter_code>",
    "<|im_start|", "|im_end|>", "<|im_", "<|", "|>", "<", "think>", "<think", "<<think>>", "<|im_end|><|im_end|>",
    "<|im_\u017ftart|>", "<|\u0301im_end|>", "<|IM_END|>", "< think>", "<|endoftext|>\u0301", "e<think>\u0301", "<|im_start|>user\n",
]  # fmt: skip

CODE = [
    "def f(x):\n    return x**2\n", "for (let i = 0; i < n; i++) {\n\ta[i] += 1;\n}\r\n", "#include <stdio.h>", "=>", "!==", "//", "/* */", "{{ x }}",
    "https://example.org/a?b=c&d=%20", "a_b.c-d", "\\u0041", "\\n", "$x^2$", "\\frac{1}{2}", '{"a": [1, 2]}', "</div>\n\n", "    ", "\t\t", ";\n", "):\n",
]  # fmt: skip

LITERALS = SPACES + CONTRACTIONS + MARKS + LETTERS + DIGITS + WORDS + SYMBOLS + ADDED + CODE

# Characters are drawn from these: ASCII, Latin, marks, every script's beginnings, each plane, private and unassigned ones.
RANGES = [
    [0x00, 0x7F], [0x20, 0x7E], [0x80, 0x24F], [0x300, 0x36F], [0x370, 0x58F], [0x590, 0x8FF], [0x900, 0xDFF], [0xE00, 0x109F],
    [0x1100, 0x11FF], [0x1200, 0x1DFF], [0x1E00, 0x1FFF], [0x2000, 0x206F], [0x2070, 0x2BFF], [0x2C00, 0x2FFF], [0x3000, 0x33FF],
    [0x3400, 0x9FFF], [0x4E00, 0x9FFF], [0xA000, 0xABFF], [0xAC00, 0xD7A3], [0xD7A4, 0xD7FF], [0xE000, 0xF8FF], [0xF900, 0xFFFF],
    [0x10000, 0x10FFF], [0x11000, 0x11FFF], [0x12000, 0x1CFFF], [0x1D000, 0x1DFFF], [0x1E000, 0x1FFFF], [0x1F300, 0x1FAFF],
    [0x20000, 0x3FFFF], [0x40000, 0xDFFFF], [0xE0000, 0xE0FFF], [0xF0000, 0x10FFFF],
]  # fmt: skip

# The examples of Qwen's own documents come first.
TELLING = [
    "How are you doing?", 'print("<|endoftext|>")', "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n<think>\n", "Panda",
    " Pandas", "e\u0301", "", " ", "a" * 100, " " * 100, "\n" * 100, "ab" * 70, "\u4e2d" * 50, "1" * 20, "a\u0301\u0323" * 30,
    "\u0301" * 70 + "\u0323" * 70, "a  b", "a   b", "  a", "a  ", "a \n b", "a\n\n  b", "a  \n\n  b", "a\r\n\r\nb", " \r\n \r x", "x\u3000\u3000y",
    "x \u00a0 y", "!\n!\n\n !\r\n", "?!\n\na", " ?", "  ?", "\t?", "\n?", "?\t\n", "a'sb", "a'\u017fb", "'s's", "don't've", "'save", "''s", " 's", "1's", "\n's",
    "1 2  3", "12 345", "a1b2", " 1", "  1", "1 \n", "\u00b2\u00b3", "\u0663\u0664", "\u4e00\u4e8c1\u4e09", "\u4f60\u597d\uff0c\u4e16\u754c\uff01", "x\u200by", "x\ufeffy",
    "x\u0085y", "x\u180ey", "\u2028\u2029", "<think></think>", "<<think>>", "<|im_end|><|im_end|>", "<|im_start|><|im_start", "a<|im_end|>b", "<|endoftext|>\u0301",
    "e<think>\u0301", "\u0344\u0345", "\u1100\u1161\u11a8\u11a8", "\uac00\u11a8", "\uac01\u11a8", "\u1abf\u0334", "\U00011935\U00011930", "\u0958\u212b\u2126\uf900",
] + [a + b for a in ["x", " ", "\n", "1", "'"] for b in LITERALS[::4]]  # fmt: skip
