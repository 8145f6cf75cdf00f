// The page: what is chosen and shown. What is computed is asked of the program, see rpc.js.
import { ask, fetched, latest, paint, save, unpacked } from "./rpc.js";
import { Plane, colours } from "./plane.js";
import { Pad } from "./pad.js";
import { Panel } from "./panel.js";

const $ = (id) => document.getElementById(id);
// Of the model: its name here, what is known of it, and the files it is from.
let model = "", info = null;
const models = new Map();
// base is where the picture was before it was edited, of class; point is where it is.
let base = [], point = [], klass = null, toward = 0, amount = 0, turns = [];
const plane = new Plane($("map"), $("dots"));
const pad = new Pad($("pad"));
const panel = new Panel(() => ({ model, info, named: named(), palette: palette() }), tell);

// named is what the model is called on a command line: its name, or that of its file.
function named() {
	const file = models.get(model)?.file;
	if (!file) return model;
	return /^[\w.@%+][\w.@%+-]*$/.test(file) ? file : `'./${file.replaceAll("'", "'\\''")}'`;
}

function palette() { return info && info.image[2] === 1 ? $("palette").value : "grey"; }

// tell shows an error, or takes the last one away.
function tell(error) {
	$("error").hidden = !error;
	$("error").textContent = error ? error.message ?? String(error) : "";
	if (error) $("error").scrollIntoView({ block: "nearest" });
}

// attempt does something of which a failure is told.
function attempt(work) {
	return async (...args) => {
		try {
			tell(null);
			return await work(...args);
		} catch (error) {
			tell(error);
		}
	};
}

const number = (v) => v.toFixed(4).replace(/\.?0+$/, "").replace(/^-0$/, "0");

// The picture

const show = latest(async () => {
	try {
		let wanted = base;
		const edited = info.exclusive ? amount > 0 : turns.some((t) => t !== 0);
		if (edited) {
			const request = info.exclusive ? { class: klass, toward, amount } : { turns };
			wanted = (await ask({ op: "edit", model, point: base, ...request })).reply.point;
		}
		const start = performance.now();
		const decoded = await ask({ op: "decode", model, point: wanted, palette: palette() });
		const took = performance.now() - start;
		put(decoded);
		$("speed").textContent = `drawn in ${took.toFixed(1)} ms`;
		if (edited) {
			plane.put(point);
		}
		describe();
	} catch (error) {
		tell(error);
	}
});

// put shows what was decoded.
function put({ reply, bytes }) {
	point = reply.point;
	const canvas = $("picture");
	if (canvas.width !== reply.width || canvas.height !== reply.height) Object.assign(canvas, { width: reply.width, height: reply.height });
	paint(canvas, reply, bytes);
	canvas.dataset.first ??= Math.round(performance.now()); // since the page was asked for
	canvas.dataset.point = JSON.stringify(point);
}

let saying;
function describe() {
	const few = point.slice(0, 4).map(number).join(", ") + (point.length > 4 ? ", …" : "");
	let near = "";
	if (info.exclusive && info.means) {
		let best = Infinity;
		info.means.forEach((mean, i) => {
			const d = mean.reduce((sum, v, k) => sum + (v - point[k]) ** 2, 0);
			if (d < best) [best, near] = [d, `, nearest to ${info.concepts[i]}`];
		});
	}
	$("place").textContent = `at ${few}${near}`;
	$("picture").setAttribute("aria-label", `Decoded picture at ${few}${near}`);
	// To those who listen, once it stands still
	clearTimeout(saying);
	saying = setTimeout(() => { $("said").textContent = `at ${few}${near}`; }, 600);
	const at = point.map(number).join(":");
	$("command").value = `vae-edge --model ${named()} --at ${at}`;
	document.querySelectorAll("#dims input").forEach((input, i) => {
		if (input !== document.activeElement) input.value = point[i];
		input.nextElementSibling.textContent = point[i].toFixed(2).replace("-0.00", "0.00");
	});
}

// goTo makes a latent point the one that is shown and edited.
function goTo(to, { keepPlace = false, of = null } = {}) {
	base = to;
	klass = of;
	amount = 0;
	turns = info.attributes.map(() => 0);
	$("amount").value = 0;
	$("amount-out").textContent = "0 %";
	for (const input of document.querySelectorAll("#attributes input")) {
		input.value = 0;
		input.nextElementSibling.textContent = "0";
	}
	if (!keepPlace) plane.put(to);
	show();
}

plane.onmove = (to) => goTo(to, { keepPlace: true });

// Models

async function fetchModel(name) {
	const m = models.get(name);
	if (m.info) return m.info;
	m.info = (await ask({ op: "load", model: name }, await unpacked(m.decoder))).reply;
	return m.info;
}

// withEncoder loads the encoder, too, which is large and seldom needed at once.
async function withEncoder(name) {
	const m = models.get(name);
	if (!m.encoder) return fetchModel(name);
	if (!m.info?.encoder) {
		const [decoder, encoder] = await Promise.all([unpacked(m.decoder), unpacked(m.encoder)]);
		m.info = (await ask({ op: "load", model: name }, decoder, encoder)).reply;
		if (name === model) info = m.info;
	}
	return m.info;
}

let chosen = ""; // last, while it is being fetched
const choose = attempt(async (name) => {
	chosen = name;
	const known = await fetchModel(name);
	if (chosen !== name) return;
	[model, info] = [name, known];
	$("model").value = name;
	$("palette").disabled = info.image[2] !== 1;
	const m = models.get(name);
	legend();
	$("show-box").hidden = !info.concepts.length || info.concepts.length > 26;
	$("show-text").textContent = m.codes ? "where test pictures lie, by class" : "where the classes lie";
	$("map-plane").textContent = info.latent <= 2 ? "" : info.concepts.length <= 2 ? `It is the plane of the first two of ${info.latent} dimensions.`
		: `It is one plane of ${info.latent} dimensions, that in which ${info.exclusive ? "the classes differ most. A dot lies before or behind it, over a picture that need not be its own" : "what can be edited differs most"}.`;
	const reads = Boolean(info.encoder || m.encoder);
	$("draw-help").textContent = !reads ? "This model has no encoder, and reads no pictures. If there is a file of one, drop it together with the decoder's."
		: (info.image[2] === 1 ? "Draw a digit, or drop a photograph of one." : name === "faces" ? "Drop a photograph of a face, or choose one." : "Drop a picture of the kind that this model was trained on, or choose one.")
			+ " The encoder finds its place, and the decoder draws what it has understood.";
	build();
	$("pads").hidden = $("reads").hidden = !reads;
	$("pad-box").hidden = $("clear").hidden = info.image[2] !== 1;
	for (const id of ["prepared", "rebuilt"]) blank($(id), info.image);
	$("found").textContent = "";
	pad.clear();
	// The first picture, then the map
	plane.info = info;
	const first = info.latent === 2 ? [0, 0] : info.plane.center;
	plane.ellipse = null;
	plane.codes = m.points ?? null;
	goTo(first);
	panel.reset();
	if (m.codes) m.points ??= await fetched(m.codes);
	if (chosen === name) await plane.open(model, info, palette(), m.points ?? null);
});

// legend shows which colour is which class, while dots are shown.
function legend() { $("legend").hidden = !models.get(model)?.codes || !plane.showCodes; }

function blank(canvas, [height, width]) {
	Object.assign(canvas, { width, height });
}

// build makes the controls that a model has.
function build() {
	const slider = (name, least, most, step, change) => {
		const label = document.createElement("label"), text = document.createElement("span"), input = document.createElement("input"), out = document.createElement("output");
		label.className = "slider";
		text.textContent = name;
		Object.assign(input, { type: "range", min: least, max: most, step, value: 0 });
		out.textContent = "0";
		input.addEventListener("input", () => change(Number(input.value), out));
		label.append(text, input, out);
		return label;
	};
	const most = 64;
	$("dims").replaceChildren(...Array.from({ length: Math.min(info.latent, most) }, (_, i) => slider(`${i + 1}`, -4, 4, 0.01, (v) => {
		const to = [...point];
		to[i] = v;
		goTo(to);
	})));
	$("attributes").hidden = info.exclusive || !info.attributes.length;
	$("attributes").replaceChildren(...info.attributes.map((name, i) => slider(name.replaceAll("_", " "), -3, 3, 0.1, (v, out) => {
		turns[i] = v;
		out.textContent = v.toFixed(1);
		show();
	})));
	$("toward-box").hidden = !info.exclusive;
	$("toward").replaceChildren(...(info.exclusive ? info.concepts : []).map((name, i) => {
		const b = document.createElement("button");
		b.textContent = name;
		b.setAttribute("role", "radio");
		b.addEventListener("click", () => pick(i, true));
		b.addEventListener("keydown", (e) => {
			const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];
			if (!by) return;
			e.preventDefault();
			const n = (i + by + info.concepts.length) % info.concepts.length;
			pick(n, true);
			$("toward").children[n].focus();
		});
		return b;
	}));
	$("edit-help").textContent = info.exclusive ? "Choose what the picture is to become. What makes it yours, its slant and its stroke, goes along."
		: info.attributes.length ? "Turn what the picture shows up or down." : "This model has no concepts that an edit could go toward.";
	$("reset").hidden = !info.exclusive && !info.attributes.length;
	if (info.exclusive) pick(0, false);
}

function pick(i, go) {
	toward = i;
	[...$("toward").children].forEach((b, k) => {
		b.setAttribute("aria-checked", k === i);
		b.tabIndex = k === i ? 0 : -1;
	});
	if (!go) return;
	if (amount === 0) setAmount(1);
	else show();
}

function setAmount(v) {
	amount = v;
	$("amount").value = v;
	$("amount-out").textContent = `${Math.round(100 * v)} %`;
	if (amount === 0) plane.put(base);
	show();
}

// What is drawn, and photographs

// read reads grey levels of that size or, without one, the picture of a file.
const read = attempt(async (data, size, file) => {
	$("found").textContent = "looking…";
	const name = model;
	try {
		const known = await withEncoder(name);
		const { reply, bytes } = await ask({ op: "read", model: name, size: size ?? [0, 0], palette: palette() }, data);
		const again = await ask({ op: "decode", model: name, point: reply.point, palette: palette() });
		if (name !== model) return; // another was chosen meanwhile
		for (const id of ["prepared", "rebuilt"]) Object.assign($(id), { width: reply.width, height: reply.height });
		paint($("prepared"), reply, bytes);
		paint($("rebuilt"), again.reply, again.bytes);
		$("rebuilt").dataset.point = JSON.stringify(reply.point);
		const spread = reply.sigma.slice(0, 2).map((s) => `±${s.toFixed(2)}`).join(", ");
		$("found").textContent = `${reply.class >= 0 ? `Nearest to ${known.concepts[reply.class]}. ` : ""}${reply.doubt ? `A doubt: ${reply.doubt}. ` : ""}`
			+ `It lies at ${reply.point.slice(0, 2).map((v) => v.toFixed(2)).join(", ")}${reply.point.length > 2 ? ", …" : ""} (${spread}); what the model understood is off by ${reply.difference.toFixed(1)} of 255 grey levels a pixel.`;
		$("found").title = reply.steps;
		plane.info = info;
		goTo(reply.point, { of: reply.class >= 0 ? reply.class : null });
		plane.ellipse = info.latent === 2 ? { center: [...plane.place], sigma: reply.sigma } : null;
		plane.draw();
	} catch (error) {
		$("found").textContent = "";
		throw file ? new Error(`${file}: ${plain(error)}`) : error;
	}
});

pad.ondrawn = ({ size, grey }) => read(grey, size);
$("clear").addEventListener("click", () => { pad.clear(); $("found").textContent = ""; });

// Files

const foreign = "“go run ./trainer import” makes a weights file of what other programs have trained, and that can be dropped here";

// plain is what an error says without the part of the program that says it.
const plain = (error) => error.message.replace(/^(digit|model|encoder|decoder): /, "");

const take = attempt(async (files) => {
	const weights = files.filter((f) => /\.safetensors$/i.test(f.name)), pictures = files.filter((f) => !weights.includes(f));
	const most = 256 << 20;
	for (const f of files) {
		if (f.size > most) throw new Error(`${f.name} has ${Math.round(f.size / (1 << 20))} MB: more than ${most >> 20} are not read`);
	}
	const bytes = async (f) => new Uint8Array(await f.arrayBuffer());
	if (!files.length) throw new Error("There is no file in that: drop a picture, or a weights file.");
	if (pictures.length > 1 || weights.length > 2 || pictures.length && weights.length) throw new Error(`These are ${files.length} files: drop one picture, or one weights file, with that of its encoder if there is one.`);
	if (pictures.length) {
		const f = pictures[0];
		if (/\.(onnx|pth?|ckpt|np[yz]|h5|keras|tflite|gguf)$/i.test(f.name)) throw new Error(`${f.name}: ${foreign}`);
		return read(await bytes(f), null, f.name);
	}
	$("dropped").textContent = "reading…";
	try {
		const encoder = weights.length > 1 ? weights.find((f) => /encoder/i.test(f.name)) ?? weights[1] : null;
		const decoder = weights.find((f) => f !== encoder);
		const name = `file ${models.size + 1}`;
		const { reply } = await ask({ op: "load", model: name }, await bytes(decoder), encoder ? await bytes(encoder) : null);
		const { reply: verdicts } = await ask({ op: "verify", model: name });
		const wrong = verdicts.filter((v) => !v.ok);
		if (wrong.length) throw new Error(`backend ${wrong[0].backend} computes other pixels than generic code: please report it`);
		models.set(name, { info: reply, file: decoder.name });
		$("model").append(new Option(`${reply.name} (${decoder.name})`, name));
		$("dropped").textContent = `${decoder.name}: model ${reply.name}, ${reply.image[1]} × ${reply.image[0]} pixels, ${reply.latent} dimensions. Every backend computes the same pixels.`;
		await choose(name);
	} catch (error) {
		$("dropped").textContent = "";
		throw new Error(`${weights.map((f) => f.name).join(", ")}: ${plain(error)}${/another program/.test(error.message) ? `: ${foreign}` : ""}`);
	}
});

for (const id of ["photo", "weights"]) {
	$(id).addEventListener("change", (e) => {
		take([...e.target.files]);
		e.target.value = "";
	});
}
document.addEventListener("dragover", (e) => { e.preventDefault(); document.body.classList.add("dropping"); });
document.addEventListener("dragleave", (e) => { if (!e.relatedTarget) document.body.classList.remove("dropping"); });
document.addEventListener("drop", (e) => {
	e.preventDefault();
	document.body.classList.remove("dropping");
	take([...e.dataTransfer.files]);
});

// Verify

const synthetic = ["synthetic", "synthetic-leaky", "synthetic-dense"];

$("verify").addEventListener("click", attempt(async () => {
	$("verify").disabled = true;
	try {
		const body = $("hashes").tBodies[0];
		body.replaceChildren();
		$("hashes").hidden = false;
		let all = 0, ok = 0;
		for (const name of [...synthetic, ...[...models.keys()].filter((n) => models.get(n).decoder)]) {
			$("verdict").textContent = `computing ${name}…`;
			if (synthetic.includes(name)) await ask({ op: "synthetic", model: name });
			else await withEncoder(name);
			for (const v of (await ask({ op: "verify", model: name })).reply) {
				const row = body.insertRow();
				[`${v.model}${v.half === "encoder" ? ", encoder" : ""}`, v.backend, v.hash, v.ok ? "✓ as committed" : "✗ differs"].forEach((text, i) => {
					const cell = row.insertCell();
					cell.textContent = text;
					if (i === 2) Object.assign(cell, { className: "hash", title: v.hash });
					if (i === 3) cell.className = v.ok ? "good" : "bad";
				});
				all++;
				ok += v.ok;
			}
		}
		$("verdict").className = ok === all ? "good" : "bad";
		$("verdict").textContent = ok === all ? `${ok} of ${all} ok: this browser is exact, it draws the same pixels as every board.` : `${ok} of ${all} ok: this browser is not exact. Please report it.`;
	} finally {
		$("verify").disabled = false;
	}
}));

// Small things

$("model").addEventListener("change", (e) => choose(e.target.value));
$("palette").addEventListener("change", () => { show(); panel.reset(); plane.open(model, info, palette(), plane.codes); });
$("amount").addEventListener("input", (e) => setAmount(Number(e.target.value)));
$("reset").addEventListener("click", () => goTo(base, { of: klass }));
$("show-codes").addEventListener("change", (e) => { plane.showCodes = e.target.checked; legend(); plane.draw(); });
let draws = 0;
$("random").addEventListener("click", attempt(async () => goTo((await ask({ op: "draw", model, seed: Date.now() % 1e6, frame: draws++ })).reply.point)));
$("save-png").addEventListener("click", () => $("picture").toBlob((blob) => save(`${model.replaceAll(" ", "-")}.png`, blob)));
for (const [button, field] of [["copy", "command"], ["panel-copy", "panel-command"]]) {
	$(button).addEventListener("click", async () => {
		$(field).select();
		try {
			await navigator.clipboard.writeText($(field).value);
			$(button).textContent = "Copied";
			setTimeout(() => { $(button).textContent = "Copy"; }, 1500);
		} catch { /* it is selected, to be copied by hand */ }
	});
}

$("legend").replaceChildren(...colours.map((c, i) => {
	const item = document.createElement("li");
	const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), dot = document.createElementNS("http://www.w3.org/2000/svg", "circle");
	svg.setAttribute("viewBox", "0 0 10 10");
	svg.setAttribute("aria-hidden", "true");
	for (const [k, v] of Object.entries({ cx: 5, cy: 5, r: 5, fill: c })) dot.setAttribute(k, v);
	svg.append(dot);
	item.append(svg, String(i));
	return item;
}));

attempt(async () => {
	const list = fetch("models.json").then((answer) => answer.json());
	const first = "mnist-2";
	for (const m of await list) {
		models.set(m.name, m);
		$("model").append(new Option(m.name, m.name));
	}
	// A picture comes first. All of it is asked for at once, while the program is being made ready.
	const m = models.get(first), file = await unpacked(m.decoder);
	const [loaded, picture, about] = [ask({ op: "load", model: first }, file), ask({ op: "decode", model: first, point: [0, 0] }), ask({ op: "about" })];
	about.catch(() => {}); // of which loading tells
	const [{ reply: known }, decoded] = await Promise.all([loaded, picture]);
	put(decoded);
	m.info = known;
	const { reply } = await about;
	$("backend").textContent = reply.backend === "simd128" ? "simd128: vectors of this browser" : `${reply.backend}: no vectors here`;
	$("palette").append(...reply.palettes.map((p) => new Option(p, p)));
	panel.scenes(reply.scenes);
	await choose(first);
})();
