# Shared by run and nightly; sourced, not run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export GOFLAGS="${GOFLAGS:-} -buildvcs=false"
export CI=true # tests that take longer than what people wait for run, too
staticcheck=honnef.co/go/tools/cmd/staticcheck@v0.8.2

# Packages of which Arm has assembly or whose pixels are promised to be the same everywhere.
exact=(./kernels/... ./model/... ./decoder/... ./encoder/... ./latent/... ./digit/... ./trainer/sgemm/... ./internal/photo ./firmware/scene/... ./firmware/panel/... ./firmware/bulk)

# concurrent prints the packages that start goroutines: in others there is nothing to race.
concurrent() {
	git grep -lE '^\s*(go (func|[[:alnum:]_.]+)\(|.*(\.Go|parallel\.[A-Z]\w+|AfterFunc)\()' -- '*.go' ':!*_test.go' |
		xargs -n 1 dirname | sort -u | sed 's|^|./|'
}

# step NAME COMMAND…: runs a command, says how long it took, and shows its output only when it failed. A function fails with the first of
# its commands that does: as a condition it would go on.
step() {
	local name=$1 start=$SECONDS log status
	shift
	log=$(mktemp)
	set +e
	(set -e; "$@") >"$log" 2>&1
	status=$?
	set -e
	if [ $status = 0 ]; then
		printf 'ok    %4ds  %s\n' $((SECONDS - start)) "$name"
		rm -f "$log"
	else
		printf 'FAIL  %4ds  %s\n' $((SECONDS - start)) "$name"
		tail -n 200 "$log"
		rm -f "$log"
		exit 1
	fi
}

# need COMMAND PACKAGE: installs a Debian package unless its command, or the path of a file of it, is there.
need() {
	if command -v "$1" >/dev/null || [ -e "$1" ]; then return; fi
	local sudo=
	[ "$(id -u)" = 0 ] || sudo=sudo
	$sudo apt-get update -q
	TMPDIR=/var/tmp DEBIAN_FRONTEND=noninteractive $sudo apt-get install -q -y --no-install-recommends "$2"
}

# backends prints the int8 backends that this machine's CPU must have exercised.
backends() {
	local flags list=generic
	case $(uname -m) in
	x86_64)
		flags=" $(grep -m1 '^flags' /proc/cpuinfo) "
		[[ $flags == *" avx2 "* ]] && list+=,avx2
		[[ $flags == *" avx_vnni "* ]] && list+=,avxvnni
		[[ $flags == *" avx512f "* && $flags == *" avx512bw "* && $flags == *" avx512vl "* && $flags == *" avx512_vnni "* ]] && list+=,avx512vnni
		;;
	aarch64)
		flags=" $(grep -m1 '^Features' /proc/cpuinfo) "
		list+=,neon
		[[ $flags == *" asimddp "* ]] && list+=,neondot
		;;
	armv*)
		flags=" $(grep -m1 '^Features' /proc/cpuinfo) "
		[[ $flags == *" vfp "* ]] && list+=,armv6
		[[ $flags == *" neon "* ]] && list+=,neon32
		;;
	esac
	echo "$list"
}

formatted() {
	local files
	files=$(gofmt -l .)
	[ -z "$files" ] || { echo "gofmt would change: $files"; return 1; }
}

# vet OS ARCH: builds and vets everything for one system.
vet() { GOOS=$1 GOARCH=$2 CGO_ENABLED=0 go build ./... && GOOS=$1 GOARCH=$2 CGO_ENABLED=0 go vet ./...; }

# arm64 CPU BACKENDS PACKAGES…: runs tests under emulation of a CPU.
arm64() {
	local cpu=$1 required=$2
	shift 2
	GOARCH=arm64 CGO_ENABLED=0 VAE_EDGE_REQUIRE=$required go test -timeout 90m -exec "qemu-aarch64 -cpu $cpu" "$@"
}

# arm CPU BACKENDS PACKAGES…: the same for a 32-bit CPU, built as the release is.
arm() {
	local cpu=$1 required=$2
	shift 2
	GOARCH=arm GOARM=6 CGO_ENABLED=0 VAE_EDGE_REQUIRE=$required go test -timeout 90m -exec "qemu-arm -cpu $cpu" "$@"
}

# x86 CPU BACKENDS PACKAGES…: the same for an x86 CPU with fewer instructions than this one.
x86() {
	local cpu=$1 required=$2
	shift 2
	GOARCH=amd64 CGO_ENABLED=0 VAE_EDGE_REQUIRE=$required go test -timeout 30m -exec "qemu-x86_64 -cpu $cpu" "$@"
}

# wasm PACKAGES…: runs tests for WebAssembly in node, with its vector instructions.
wasm() {
	GOOS=js GOARCH=wasm VAE_EDGE_REQUIRE=generic,simd128 go test -short -tags simd128 -exec "node $PWD/.ci/node_exec.js" "$@"
	GOOS=js GOARCH=wasm go vet ./kernels # without the tag, for hosts that know nothing of it
}

# evex: tests the backend avxvnni on a CPU that has its instruction in AVX-512's encoding only.
evex() {
	VAE_EDGE_REQUIRE=avxvnni go test -tags evex -asmflags=github.com/vae-edge/vae-edge/kernels=-D=EVEX "$@"
}

# fuzz AMOUNT PATHS…: runs every fuzz target, or those of git's paths, for so many inputs (300x) or so long (2m). Shrinking what is
# interesting would take the time of finding more.
fuzz() {
	local amount=$1 package target log
	shift
	log=$(mktemp)
	for package in $(git grep -l '^func Fuzz' -- '*_test.go' "$@" | xargs -n 1 dirname | sort -u | sed 's|^|./|'); do
		for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
			echo "$package $target"
			go test -run '^$' -fuzz "^$target\$" -fuzztime "$amount" -fuzzminimizetime 100x "$package" 2>&1 | tee "$log" || ended "$log"
		done
	done
	rm "$log"
}

# ended LOG: whether nothing failed but that the time for fuzzing was over, which Go before 1.27 may call a failure (go.dev/issue/75804).
ended() { grep -qx '    context deadline exceeded' "$1" && ! grep -q 'Failing input written' "$1"; }
