/** How VitePress makes the site from the staged pages. */
import { katex } from "@mdit/plugin-katex";
import { defineConfig } from "vitepress";
import { sidebar } from "../contents.ts";
import { pages, root, site } from "../places.ts";
import { join } from "node:path";

const english = {
  nav: [
    { text: "Read", link: "/readme" },
    { text: "Live", link: "/live" },
    { text: "Reference", link: "/reference/" },
  ],
};
const chinese = {
  nav: [{ text: "说明", link: "/zh/readme" }],
  outlineTitle: "本页目录",
  docFooter: { prev: "上一页", next: "下一页" },
  darkModeSwitchLabel: "外观",
  sidebarMenuLabel: "目录",
  returnToTopLabel: "回到顶部",
  langMenuLabel: "语言",
};

export default defineConfig({
  srcDir: pages,
  outDir: site,
  cacheDir: join(root, "dist/site-cache"),
  title: "qwq-ts",
  description:
    "QwQ-32B in TypeScript: a readable reference, a program that runs it, and the oracle other engines are judged by",
  cleanUrls: false,
  lastUpdated: false,
  metaChunk: true,
  locales: {
    root: { label: "English", lang: "en", themeConfig: english },
    zh: { label: "简体中文", lang: "zh-CN", themeConfig: chinese },
  },
  head: [["link", { rel: "icon", href: "data:," }]],
  markdown: {
    lineNumbers: false,
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    // Mathematics is set when the site is built; VitePress must not read its braces as a template's.
    config: (md) => {
      // What scrolls by itself can be reached by keys.
      const reached = (html: string) => html.replace(/class="katex-display"|<pre(?= |>)/g, '$& tabindex="0"');
      const transformer = (html: string) => reached(html.replace("<span", "<span v-pre"));
      katex(md as unknown as Parameters<typeof katex>[0], { transformer });
      for (const kind of ["code_block", "html_block"] as const) {
        const plain = md.renderer.rules[kind]!;
        md.renderer.rules[kind] = (...those) => reached(plain(...those));
      }
    },
  },
  themeConfig: {
    sidebar: sidebar() as never,
    outline: [2, 3],
    i18nRouting: false,
    search: {
      provider: "local",
      options: {
        _render: (source, env, md) => {
          const html = md.render(source, env);
          return env.frontmatter?.["search"] === false ? "" : html;
        },
      },
    },
  },
  vite: { build: { chunkSizeWarningLimit: 5000 }, logLevel: "warn" },
});
