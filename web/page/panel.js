// An imagined panel: scenes as a board shows them.
import { ask, paint, save } from "./rpc.js";

const $ = (id) => document.getElementById(id);
const rate = 30; // frames a second

export class Panel {
	// current returns the model, what is known of it, its name on a command line, and the palette.
	constructor(current, tell) {
		Object.assign(this, { current, tell, playing: false, step: 0, frame: 0, ready: false });
		$("play").addEventListener("click", () => this.toggle());
		for (const id of ["scene", "look", "seed"]) $(id).addEventListener("change", () => this.reset());
		const screen = $("panel"), held = new Set();
		const directions = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down", "+": "closer", "-": "away", Enter: "auto", a: "auto" };
		screen.addEventListener("keydown", (e) => {
			const d = directions[e.key];
			if (!d) return;
			e.preventDefault();
			if (!e.repeat && (d === "up" || d === "down")) this.step += d === "up" ? 1 : -1;
			held.add(d);
			if (!this.playing) this.toggle();
		});
		screen.addEventListener("keyup", (e) => held.delete(directions[e.key]));
		screen.addEventListener("blur", () => held.clear());
		const finger = (e) => {
			const box = screen.getBoundingClientRect(), x = (e.clientX - box.left) / box.width - .5, y = (e.clientY - box.top) / box.height - .5;
			held.clear();
			if (Math.abs(x) > .2) held.add(x < 0 ? "left" : "right");
			if (Math.abs(y) > .2) held.add(y < 0 ? "up" : "down");
		};
		screen.addEventListener("pointerdown", (e) => {
			screen.setPointerCapture(e.pointerId);
			finger(e);
			if (held.has("up") || held.has("down")) this.step += held.has("up") ? 1 : -1;
			if (!this.playing) this.toggle();
		});
		screen.addEventListener("pointermove", (e) => screen.hasPointerCapture(e.pointerId) && finger(e));
		for (const end of ["pointerup", "pointercancel"]) screen.addEventListener(end, () => held.clear());
		this.steer = () => {
			const one = (more, less) => Number(held.has(more)) - Number(held.has(less));
			const input = { DX: one("right", "left"), DY: one("up", "down"), Step: this.step, Zoom: one("closer", "away"), Auto: held.has("auto") };
			this.step = 0;
			return input;
		};
		$("save-frame").addEventListener("click", () => $("panel").toBlob((blob) => save(`${$("scene").value}.png`, blob)));
		$("save-gif").addEventListener("click", () => this.gif());
	}

	scenes(names) {
		$("scene").append(...names.map((n) => new Option(n, n)));
	}

	look() {
		const [look, width, height] = $("look").value.split(" ");
		return { look, size: [Number(width), Number(height)] };
	}

	request() {
		const { model, palette } = this.current(), { look, size } = this.look();
		return { op: "start", model, palette, look, scene: $("scene").value, seed: Math.max(0, Math.floor(Number($("seed").value))) || 0, size, zone: -60 * new Date().getTimezoneOffset() };
	}

	// reset begins the scene again, with what is chosen now.
	async reset() {
		const { look, size } = this.look(), { info, named, palette } = this.current();
		this.frame = 0;
		this.ready = false;
		document.querySelector(".bezel").classList.toggle("round", look === "round");
		Object.assign($("panel"), { width: size[0], height: size[1] });
		const board = look === "dots" ? "--panel ssd1306-128x64" : look === "round" ? "--board waveshare-1.28" : size[0] === 160 ? "--panel st7735-128x160 --rotate 90" : "--panel st7789-240x240";
		$("panel-command").value = `vae-edge --model ${named} --scene ${$("scene").value} --seed ${this.request().seed}${palette && palette !== "grey" && info?.image[2] === 1 ? ` --palette ${palette}` : ""} --display spi0 ${board}`;
		try {
			await ask(this.request());
			this.ready = true;
			$("frames").textContent = "";
			await this.draw();
		} catch (error) {
			$("frames").textContent = error.message;
			if (this.playing) this.toggle();
		}
	}

	async draw() {
		const { look } = this.look();
		const { reply, bytes } = await ask({ op: "frame", frame: this.frame, look, steer: this.playing ? this.steer() : null });
		if (reply.width === $("panel").width && reply.height === $("panel").height) paint($("panel"), reply, bytes);
	}

	toggle() {
		this.playing = !this.playing;
		$("play").setAttribute("aria-pressed", this.playing);
		$("play").textContent = this.playing ? "Pause" : "Play";
		if (this.playing) this.loop();
	}

	async loop() {
		const start = performance.now(), first = this.frame;
		while (this.playing) {
			await new Promise(requestAnimationFrame);
			const frame = first + Math.floor((performance.now() - start) / 1000 * rate);
			if (!this.ready || frame === this.frame) continue;
			this.frame = frame;
			try {
				await this.draw();
			} catch (error) {
				this.tell(error);
				if (this.playing) this.toggle();
			}
		}
	}

	async gif() {
		$("save-gif").disabled = true;
		$("frames").textContent = "drawing 100 frames…";
		try {
			await ask(this.request());
			const { bytes } = await ask({ op: "gif", frame: 0, frames: 100, fps: 25 });
			save(`${$("scene").value}.gif`, new Blob([bytes], { type: "image/gif" }));
			$("frames").textContent = `100 frames, ${Math.round(bytes.length / 1024)} kB`;
		} catch (error) {
			$("frames").textContent = error.message;
		} finally {
			$("save-gif").disabled = false;
		}
	}
}
