// The table page with Fastify, EJS and better-sqlite3: prepared statements, one process, no cluster.
import fastifyCookie from "@fastify/cookie";
import fastifyView from "@fastify/view";
import Database from "better-sqlite3";
import ejs from "ejs";
import Fastify from "fastify";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const [, , port, file, factsFile] = process.argv;
// Words, labels and headers are the portal's own, written for this process by the bench.
const facts = JSON.parse(readFileSync(factsFile, "utf-8"));

const db = new Database(file);
for (const pragma of ["journal_mode = wal", "synchronous = full", "cache_size = -64000", "mmap_size = 1073741824",
  "temp_store = memory"]) db.pragma(pragma);
const medecin = db.prepare(
  "SELECT id, username, first_name, last_name, charte FROM django_app_medecin WHERE username = ?");
const liens = db.prepare(facts.liens_sql);
const counts = db.prepare("SELECT onglet, n FROM django_app_compteur WHERE medecin_id = ? AND module = ?");

const app = Fastify({ logger: false });
app.register(fastifyCookie, { secret: "only for measuring" });
app.register(fastifyView, {
  engine: { ejs }, root: fileURLToPath(new URL("views", import.meta.url)), production: true, viewExt: "ejs",
  // Included views are compiled once too.
  options: { cache: true },
});

app.addHook("onRequest", async (request, reply) => {
  reply.headers(facts.headers);
  const signed = request.cookies.session ? request.unsignCookie(request.cookies.session) : { valid: false };
  const user = signed.valid ? medecin.get(signed.value) : undefined;
  if (!user || user.charte !== facts.charte) return reply.redirect("/connexion");
  request.user = user;
});

const referent = (row) => {
  if (row.referent_kind === "patient") return "Le patient";
  if (row.referent_kind === "structure") return row.structure;
  return row.referent_medecin_id === row.medecin_id ? "Vous" : `Dr ${row.first_name} ${row.last_name}`;
};

const label = (row) => {
  const born = row.civilite === "M" ? "ne" : "nee";
  const surname = row.nom_usage ? `${row.nom_usage} ${born} ${row.nom_naissance}` : row.nom_naissance;
  return `${surname} ${row.prenom}`.trim().toUpperCase();
};

const shaped = (row) => ({
  numero: row.numero, etat: row.etat, referent: referent(row),
  dossier: {
    numero: row.numero, words: facts.statuts[row.statut],
    patient: { label: label(row), commune: { code_postal: row.code_postal, nom: row.ville } },
    lie: row.lie_module && { module: row.lie_module, numero: row.lie_numero, slug: facts.modules[row.lie_module].slug },
  },
});

app.get("/dossiers/:slug", (request, reply) => {
  const module = Object.values(facts.modules).find((one) => one.slug === request.params.slug);
  const onglet = request.query.onglet ?? "en_cours";
  if (!module || !(onglet in facts.tabs)) return reply.code(404).send();
  const rows = liens.all(request.user.id, module.code, onglet);
  const found = Object.fromEntries(counts.all(request.user.id, module.code).map((row) => [row.onglet, row.n]));
  const shown = rows.slice(0, facts.page_size).map(shaped);
  return reply.view("liste", {
    ...facts.around, module, onglet, nav: "dossiers", aide: ["dossiers", "mes-dossiers"],
    path: `/dossiers/${module.slug}`, choix: facts.choix[module.code], onglet_label: facts.tabs[onglet],
    onglets: Object.entries(facts.tabs).map(([code, words]) => [code, words, found[code] ?? 0]),
    a_accepter: found.a_accepter ?? 0, liens: shown, suivant: rows.length > facts.page_size ? shown.at(-1).numero : null,
    annonce: `${shown.length} dossiers sur ${found[onglet] ?? 0}`,
    user: { name: `Dr ${request.user.first_name} ${request.user.last_name}` }, csrf: randomBytes(16).toString("hex"),
  });
});

await app.listen({ port: Number(port), host: "127.0.0.1" });
