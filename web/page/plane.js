// The map: pictures of a plane of the latent space, codes of the test set over them, and a place
// that pointer and keys move.
import { ask, paint } from "./rpc.js";

export const colours = ["#e6194b", "#3cb44b", "#ffb000", "#4363d8", "#f58231", "#b05cff", "#17c3c9", "#f032e6", "#8a6d3b", "#9db300"];

const reach = 3.5; // of the map, in units, from its middle
const side = 504; // of the canvases, in pixels

export class Plane {
	constructor(map, dots, status) {
		Object.assign(this, { map, dots, status, codes: null, place: [0, 0], ellipse: null, showCodes: true, run: 0 });
		this.onmove = () => {};
		for (const c of [map, dots]) c.width = c.height = side;
		dots.addEventListener("pointerdown", (e) => {
			if (e.button !== 0) return;
			dots.setPointerCapture(e.pointerId);
			this.dragging = true;
			this.moved(e);
		});
		dots.addEventListener("pointermove", (e) => this.dragging && this.moved(e));
		for (const end of ["pointerup", "pointercancel"]) dots.addEventListener(end, () => { this.dragging = false; });
		dots.addEventListener("keydown", (e) => {
			const step = e.shiftKey ? 0.25 : 0.05;
			const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[e.key] ?? [0, 0];
			if (e.key === "Home") this.move([0, 0]);
			else if (dx || dy) this.move([this.place[0] + dx * step, this.place[1] + dy * step]);
			else return;
			e.preventDefault();
		});
	}

	moved(e) {
		const box = this.dots.getBoundingClientRect();
		const x = (e.clientX - box.left) / box.width, y = (e.clientY - box.top) / box.height;
		this.move([(2 * x - 1) * reach, (1 - 2 * y) * reach]);
	}

	move([x, y]) {
		const within = (v) => Math.min(Math.max(Math.round(v * 1000) / 1000, -reach), reach);
		this.place = [within(x), within(y)];
		this.draw();
		this.onmove(this.point());
	}

	// point is the latent point of the place.
	point() {
		const { center, axes } = this.info.plane, [x, y] = this.place;
		return center.map((c, i) => c + axes[0][i] * x + axes[1][i] * y);
	}

	// put shows where a latent point lies, or is seen from in front.
	put(point) {
		const { center, axes } = this.info.plane;
		this.place = axes.map((a) => a.reduce((sum, v, i) => sum + v * (point[i] - center[i]), 0));
		this.draw();
	}

	// open draws the map of a model, row by row. What it shows before is gone.
	async open(model, info, palette, codes) {
		const run = ++this.run;
		Object.assign(this, { info, codes, ellipse: null });
		const n = Math.max(6, Math.round(side / info.image[1])), step = 2 * reach / n;
		const [h, w] = info.image;
		this.map.width = n * w;
		this.map.height = n * h;
		this.draw();
		// From the middle outwards: the first rows are those that are looked at.
		const rows = [...Array(n).keys()].sort((a, b) => Math.abs(a - n / 2 + .5) - Math.abs(b - n / 2 + .5));
		for (const row of rows) {
			const { reply, bytes } = await ask({ op: "sheet", model, palette, from: [-reach + step / 2, reach - (row + .5) * step], step: [step, 0], size: [n, 1] });
			if (run !== this.run) return;
			paint(this.map, reply, bytes, 0, row * h);
		}
		this.dots.dataset.complete = model;
	}

	// at is a place on the canvas.
	at([x, y]) { return [(x / reach + 1) / 2 * side, (1 - y / reach) / 2 * side]; }

	draw() {
		const g = this.dots.getContext("2d");
		g.clearRect(0, 0, side, side);
		this.map.parentElement.classList.toggle("coded", Boolean(this.showCodes && this.codes));
		if (this.showCodes && this.codes) {
			const view = new DataView(this.codes.buffer, this.codes.byteOffset, this.codes.length);
			g.globalAlpha = .75;
			for (let i = 0; i + 5 <= view.byteLength; i += 5) {
				g.fillStyle = colours[view.getUint8(i) % 10];
				const [x, y] = this.at([view.getInt16(i + 1, true) / this.info.steps, view.getInt16(i + 3, true) / this.info.steps]);
				g.fillRect(x - 1, y - 1, 2, 2);
			}
			g.globalAlpha = 1;
		}
		if (this.showCodes && this.info.concepts.length <= 26) {
			g.font = "600 15px system-ui, sans-serif";
			g.textAlign = "center";
			g.textBaseline = "middle";
			this.info.concepts.forEach((name, i) => {
				const [x, y] = this.at(this.info.onPlane[i]);
				const text = name.replaceAll("_", " "), w = g.measureText(text).width + 10;
				g.fillStyle = "rgb(0 0 0 / .72)";
				g.beginPath();
				g.roundRect(x - w / 2, y - 11, w, 22, 7);
				g.fill();
				g.fillStyle = this.info.exclusive ? colours[i % 10] : "#fff";
				g.fillText(text, x, y + 1);
			});
		}
		if (this.ellipse) {
			const [x, y] = this.at(this.ellipse.center), unit = side / 2 / reach;
			for (const k of [1, 2]) {
				g.strokeStyle = "#fff";
				g.lineWidth = 1.5;
				g.beginPath();
				g.ellipse(x, y, Math.max(2, k * this.ellipse.sigma[0] * unit), Math.max(2, k * this.ellipse.sigma[1] * unit), 0, 0, 7);
				g.stroke();
			}
		}
		const [x, y] = this.at(this.place);
		for (const [width, colour] of [[5, "#000"], [2.5, "#fff"]]) {
			g.strokeStyle = colour;
			g.lineWidth = width;
			g.beginPath();
			g.arc(x, y, 9, 0, 7);
			g.moveTo(x - 15, y); g.lineTo(x - 4, y);
			g.moveTo(x + 4, y); g.lineTo(x + 15, y);
			g.moveTo(x, y - 15); g.lineTo(x, y - 4);
			g.moveTo(x, y + 4); g.lineTo(x, y + 15);
			g.stroke();
		}
	}
}
