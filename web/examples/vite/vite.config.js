import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const host = "127.0.0.1"; // another site than localhost, where the credentials are
const proxy = { "/token": process.env.BACKEND ?? "http://127.0.0.1:8091" };

export default defineConfig({ plugins: [react()], server: { host, proxy }, preview: { host, proxy } });
