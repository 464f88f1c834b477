/** Gets a one-time token for the person. The API token stays on this server. */
export async function POST(request) {
  // A real site looks here at who is signed in.
  if (request.headers.get("sec-fetch-site") !== "same-origin") return new Response(null, { status: 403 });
  const { CREDENTIALS = "http://localhost:8080", API_TOKEN } = process.env;
  const answer = await fetch(`${CREDENTIALS}/api/v1/embed/sessions`, {
    method: "POST",
    headers: { Authorization: `Bearer ${API_TOKEN}`, "Content-Type": "application/json" },
    body: JSON.stringify({ host: "nextjs-example", subject: "ann", name: "Ann Example", rights: ["view", "edit"] }),
  });
  if (!answer.ok) return new Response(null, { status: 502 });
  return new Response((await answer.json()).token);
}
