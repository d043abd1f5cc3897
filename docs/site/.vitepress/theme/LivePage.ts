/** Gives the live page its script, once it stands in the browser. */
import { withBase } from "vitepress";
import { defineComponent, onMounted, onUnmounted } from "vue";

/** What docs/live/page.ts gives. */
interface Script {
  mount(place: HTMLElement): () => void;
}

export const LivePage = defineComponent({
  name: "LivePage",
  setup() {
    let [close, left] = [() => {}, false];
    onMounted(async () => {
      const { mount } = (await import(/* @vite-ignore */ withBase("/live/page.js"))) as Script;
      const place = document.getElementById("live");
      if (!left && place !== null) close = mount(place);
    });
    onUnmounted(() => {
      left = true;
      close();
    });
    return () => null;
  },
});
