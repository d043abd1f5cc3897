/** VitePress's own theme, with this computer's fonts, and a little more. */
import "katex/dist/katex.min.css";
import DefaultTheme from "vitepress/theme-without-fonts";
import "./site.css";

export default DefaultTheme;
