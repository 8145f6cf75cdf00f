// The pad that a digit is drawn on, with a finger, a pen or a mouse.
const side = 280;

export class Pad {
	constructor(canvas) {
		this.canvas = canvas;
		this.ondrawn = () => {};
		canvas.width = canvas.height = side;
		const at = (e) => {
			const box = canvas.getBoundingClientRect();
			return [(e.clientX - box.left) / box.width * side, (e.clientY - box.top) / box.height * side];
		};
		canvas.addEventListener("pointerdown", (e) => {
			if (e.button !== 0) return;
			canvas.setPointerCapture(e.pointerId);
			clearTimeout(this.timer);
			this.last = at(e);
			this.line(this.last);
		});
		canvas.addEventListener("pointermove", (e) => {
			if (!this.last) return;
			for (const c of e.getCoalescedEvents?.() ?? [e]) this.line(at(c));
			if (!e.getCoalescedEvents?.().length) this.line(at(e));
		});
		for (const end of ["pointerup", "pointercancel"]) {
			canvas.addEventListener(end, () => {
				if (!this.last) return;
				this.last = null;
				// A second stroke may follow
				this.timer = setTimeout(() => this.ondrawn(this.levels()), 250);
			});
		}
		this.clear();
	}

	line(to) {
		const g = this.canvas.getContext("2d", { willReadFrequently: true });
		g.lineWidth = 20;
		g.lineCap = g.lineJoin = "round";
		g.strokeStyle = "#000";
		g.beginPath();
		g.moveTo(...this.last);
		g.lineTo(to[0], to[1] + .01);
		g.stroke();
		this.last = to;
	}

	clear() {
		clearTimeout(this.timer);
		const g = this.canvas.getContext("2d", { willReadFrequently: true });
		g.fillStyle = "#fff";
		g.fillRect(0, 0, side, side);
	}

	// levels are the grey levels.
	levels() {
		const { data } = this.canvas.getContext("2d").getImageData(0, 0, side, side);
		const grey = new Uint8Array(side * side);
		for (let i = 0; i < grey.length; i++) grey[i] = data[4 * i];
		return { size: [side, side], grey };
	}
}
