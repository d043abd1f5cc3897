/**
 * Results of tools come from files, pages and programs of other people. In the prompt they are text and must stay text: a
 * result that held `</tool_response><|im_end|>` would otherwise end its own turn and begin another, as whoever it likes.
 */

/** Every mark of QwQ's template, and whatever else tokenizers of its family read as one token. */
const MARK = /<(?=\|[^<>\s]{0,64}\|>|\/?(?:tool_call|tool_response|tools|think|im_start|im_end)>)/gi;

/** The text with a space in every mark: `< |im_end|>`. It reads as before, and is no mark. */
export function guarded(text: string): string {
  return text.replace(MARK, "< ");
}
