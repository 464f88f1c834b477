import { connection } from "next/server";
import { Console } from "./console";

export default async function Page() {
  await connection(); // the address is read when the page is asked for, not when it is built
  return <Console server={process.env.CREDENTIALS ?? "http://localhost:8080"} />;
}
