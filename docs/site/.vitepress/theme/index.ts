/** VitePress's own theme, with this computer's fonts, and the live page. */
import "katex/dist/katex.min.css";
import type { Theme } from "vitepress";
import DefaultTheme from "vitepress/theme-without-fonts";
import { LivePage } from "./LivePage.ts";
import "./site.css";
import "./live.css";

export default {
  extends: DefaultTheme,
  enhanceApp: ({ app }) => void app.component("LivePage", LivePage),
} satisfies Theme;
