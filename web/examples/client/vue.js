import { defineComponent, h, onBeforeUnmount, onMounted, ref, watch } from "vue";
import { mount } from "./sdk.js";

const events = ["ready", "select", "created", "updated", "deleted", "verified", "dirty", "close", "error"];

/**
 * The page of the credential server. It is mounted again if server, hostId, purpose, view or
 * credentialId changes. Theme, locale and appearance change in the frame that is there.
 */
export const Credentials = defineComponent({
  name: "PaycorCredentials",
  props: {
    server: { type: String, required: true },
    hostId: { type: String, required: true },
    getToken: { type: Function, required: true },
    theme: String, locale: String, purpose: String, view: String, credentialId: String, prefill: Object, appearance: Object, title: String,
    minHeight: Number, maxHeight: Number, timeout: Number, popups: Boolean,
  },
  emits: events,
  setup(props, { emit, expose }) {
    const place = ref(null);
    let mounted;
    const show = () => {
      mounted?.destroy();
      const options = { ...props, getToken: () => props.getToken() };
      for (const name of events) options[`on${name[0].toUpperCase()}${name.slice(1)}`] = (detail) => emit(name, detail);
      mounted = mount(place.value, options);
    };
    onMounted(show);
    watch(() => [props.server, props.hostId, props.purpose, props.view, props.credentialId], show, { flush: "post" });
    watch(() => [props.theme, props.locale, JSON.stringify(props.appearance)], () => {
      mounted?.update({ theme: props.theme, locale: props.locale, appearance: props.appearance });
    });
    onBeforeUnmount(() => mounted?.destroy());
    expose({ open: (...what) => mounted?.open(...what), select: (id) => mounted?.select(id), focus: () => mounted?.focus() });
    return () => h("div", { ref: place });
  },
});
