;; The kernels of backend simd128, assembled by go generate. They use the fixed-width
;; vector instructions of WebAssembly alone, none of the relaxed ones, whose results differ between
;; machines. The memory is that of the Go program; an argument points to what the wrappers in
;; kernels_wasm.go have checked, a convArgs or denseArgs, whose pointers and ints have eight bytes.
;;
;; i32x4.dot_i16x8_s adds two products to a lane, so eight activations of 16 bits, a step, meet
;; eight weights at once. Neither a product nor a sum can overflow, see CheckRange.
(module
  (import "host" "memory" (memory 1))

  ;; conv computes tiles of two pixels by four channels as convGeneric does: args.store says what is
  ;; stored or, where there is a table, pixels of the table for the four phases of one channel, of
  ;; each of which the list of pixels has an entry.
  ;;
  ;; Of a ReLU slope and zero are 0, and what is below 0 becomes 0 either way.
  (func (export "conv") (param $args i32)
    (local $src i32) (local $dst i32) (local $pixel i32) (local $tiles i32) (local $table i32)
    (local $steps i32) (local $end i32) (local $weight i32) (local $raw i32) (local $entries i32)
    (local $step i32) (local $w i32) (local $offset i32) (local $p0 i32) (local $p1 i32)
    (local $bias v128) (local $scale v128) (local $low v128) (local $zero v128)
    (local $x0 v128) (local $x1 v128) (local $y v128)
    (local $a0 v128) (local $a1 v128) (local $a2 v128) (local $a3 v128)
    (local $b0 v128) (local $b1 v128) (local $b2 v128) (local $b3 v128)
    (local.set $src (i32.load offset=0 (local.get $args)))
    (local.set $dst (i32.load offset=8 (local.get $args)))
    (local.set $pixel (i32.load offset=16 (local.get $args)))
    (local.set $tiles (i32.load offset=24 (local.get $args)))
    (local.set $steps (i32.load offset=32 (local.get $args)))
    (local.set $end (i32.add (local.get $steps) (i32.shl (i32.load offset=48 (local.get $args)) (i32.const 2))))
    (local.set $weight (i32.load offset=56 (local.get $args)))
    (local.set $bias (v128.load (i32.load offset=64 (local.get $args))))
    (local.set $scale (v128.load (i32.load offset=72 (local.get $args))))
    (local.set $table (i32.load offset=80 (local.get $args)))
    (local.set $raw (i32.eq (i32.load offset=88 (local.get $args)) (i32.const 1)))
    (local.set $low (f32x4.mul (v128.load32_splat offset=96 (local.get $args)) (local.get $scale)))
    (local.set $zero (v128.load32_splat offset=100 (local.get $args)))
    ;; bytes of the list's entries for a pixel
    (local.set $entries (select (i32.const 32) (i32.const 8) (local.get $table)))
    (if (local.get $table) (then
      (local.set $low (local.get $scale))
      (local.set $zero (i32x4.splat (i32.const 2048)))))
    (loop $tile
      (local.set $p0 (i32.add (local.get $src) (i32.load (local.get $pixel))))
      (local.set $p1 (i32.add (local.get $src) (i32.load (i32.add (local.get $pixel) (local.get $entries)))))
      (local.set $a0 (v128.const i32x4 0 0 0 0))
      (local.set $a1 (v128.const i32x4 0 0 0 0))
      (local.set $a2 (v128.const i32x4 0 0 0 0))
      (local.set $a3 (v128.const i32x4 0 0 0 0))
      (local.set $b0 (v128.const i32x4 0 0 0 0))
      (local.set $b1 (v128.const i32x4 0 0 0 0))
      (local.set $b2 (v128.const i32x4 0 0 0 0))
      (local.set $b3 (v128.const i32x4 0 0 0 0))
      (local.set $step (local.get $steps))
      (local.set $w (local.get $weight))
      (block $summed
        (br_if $summed (i32.eq (local.get $step) (local.get $end)))
        (loop $sum
          (local.set $offset (i32.load (local.get $step)))
          (local.set $x0 (v128.load8x8_u (i32.add (local.get $p0) (local.get $offset))))
          (local.set $x1 (v128.load8x8_u (i32.add (local.get $p1) (local.get $offset))))
          (local.set $y (v128.load8x8_s (local.get $w)))
          (local.set $a0 (i32x4.add (local.get $a0) (i32x4.dot_i16x8_s (local.get $x0) (local.get $y))))
          (local.set $b0 (i32x4.add (local.get $b0) (i32x4.dot_i16x8_s (local.get $x1) (local.get $y))))
          (local.set $y (v128.load8x8_s offset=8 (local.get $w)))
          (local.set $a1 (i32x4.add (local.get $a1) (i32x4.dot_i16x8_s (local.get $x0) (local.get $y))))
          (local.set $b1 (i32x4.add (local.get $b1) (i32x4.dot_i16x8_s (local.get $x1) (local.get $y))))
          (local.set $y (v128.load8x8_s offset=16 (local.get $w)))
          (local.set $a2 (i32x4.add (local.get $a2) (i32x4.dot_i16x8_s (local.get $x0) (local.get $y))))
          (local.set $b2 (i32x4.add (local.get $b2) (i32x4.dot_i16x8_s (local.get $x1) (local.get $y))))
          (local.set $y (v128.load8x8_s offset=24 (local.get $w)))
          (local.set $a3 (i32x4.add (local.get $a3) (i32x4.dot_i16x8_s (local.get $x0) (local.get $y))))
          (local.set $b3 (i32x4.add (local.get $b3) (i32x4.dot_i16x8_s (local.get $x1) (local.get $y))))
          (local.set $w (i32.add (local.get $w) (i32.const 32)))
          (local.set $step (i32.add (local.get $step) (i32.const 4)))
          (br_if $sum (i32.ne (local.get $step) (local.get $end)))))
      ;; Four sums of four lanes to one vector, of either pixel: pairs of vectors first.
      (local.set $a0 (i32x4.add
        (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $a0) (local.get $a1))
        (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $a0) (local.get $a1))))
      (local.set $a2 (i32x4.add
        (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $a2) (local.get $a3))
        (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $a2) (local.get $a3))))
      (local.set $a0 (i32x4.add (local.get $bias) (i32x4.add
        (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $a0) (local.get $a2))
        (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $a0) (local.get $a2)))))
      (local.set $b0 (i32x4.add
        (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $b0) (local.get $b1))
        (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $b0) (local.get $b1))))
      (local.set $b2 (i32x4.add
        (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $b2) (local.get $b3))
        (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $b2) (local.get $b3))))
      (local.set $b0 (i32x4.add (local.get $bias) (i32x4.add
        (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $b0) (local.get $b2))
        (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $b0) (local.get $b2)))))
      (block $stored
        (if (local.get $raw) (then
          (v128.store (i32.add (local.get $dst) (i32.shl (i32.load offset=4 (local.get $pixel)) (i32.const 2))) (local.get $a0))
          (v128.store (i32.add (local.get $dst) (i32.shl (i32.load offset=12 (local.get $pixel)) (i32.const 2))) (local.get $b0))
          (br $stored)))
        ;; Requantized: a product, rounded, and the zero point or the table's middle.
        (local.set $a0 (i32x4.add (local.get $zero) (i32x4.trunc_sat_f32x4_s (f32x4.nearest (f32x4.mul
          (f32x4.convert_i32x4_s (local.get $a0))
          (v128.bitselect (local.get $low) (local.get $scale) (i32x4.shr_s (local.get $a0) (i32.const 31))))))))
        (local.set $b0 (i32x4.add (local.get $zero) (i32x4.trunc_sat_f32x4_s (f32x4.nearest (f32x4.mul
          (f32x4.convert_i32x4_s (local.get $b0))
          (v128.bitselect (local.get $low) (local.get $scale) (i32x4.shr_s (local.get $b0) (i32.const 31))))))))
        (if (i32.eqz (local.get $table)) (then
          ;; Narrowing stops at 127, and the maximum at 0.
          (local.set $a0 (i16x8.narrow_i32x4_s (local.get $a0) (local.get $b0)))
          (local.set $a0 (i8x16.max_s (i8x16.narrow_i16x8_s (local.get $a0) (local.get $a0)) (v128.const i32x4 0 0 0 0)))
          (v128.store32_lane 0 (i32.add (local.get $dst) (i32.load offset=4 (local.get $pixel))) (local.get $a0))
          (v128.store32_lane 1 (i32.add (local.get $dst) (i32.load offset=12 (local.get $pixel))) (local.get $a0))
          (br $stored)))
        (local.set $a0 (i32x4.min_s (i32x4.max_s (local.get $a0) (v128.const i32x4 0 0 0 0)) (v128.const i32x4 4095 4095 4095 4095)))
        (local.set $b0 (i32x4.min_s (i32x4.max_s (local.get $b0) (v128.const i32x4 0 0 0 0)) (v128.const i32x4 4095 4095 4095 4095)))
        (i32.store8 (i32.add (local.get $dst) (i32.load offset=4 (local.get $pixel))) (i32.load8_u (i32.add (local.get $table) (i32x4.extract_lane 0 (local.get $a0)))))
        (i32.store8 (i32.add (local.get $dst) (i32.load offset=12 (local.get $pixel))) (i32.load8_u (i32.add (local.get $table) (i32x4.extract_lane 1 (local.get $a0)))))
        (i32.store8 (i32.add (local.get $dst) (i32.load offset=20 (local.get $pixel))) (i32.load8_u (i32.add (local.get $table) (i32x4.extract_lane 2 (local.get $a0)))))
        (i32.store8 (i32.add (local.get $dst) (i32.load offset=28 (local.get $pixel))) (i32.load8_u (i32.add (local.get $table) (i32x4.extract_lane 3 (local.get $a0)))))
        (i32.store8 (i32.add (local.get $dst) (i32.load offset=36 (local.get $pixel))) (i32.load8_u (i32.add (local.get $table) (i32x4.extract_lane 0 (local.get $b0)))))
        (i32.store8 (i32.add (local.get $dst) (i32.load offset=44 (local.get $pixel))) (i32.load8_u (i32.add (local.get $table) (i32x4.extract_lane 1 (local.get $b0)))))
        (i32.store8 (i32.add (local.get $dst) (i32.load offset=52 (local.get $pixel))) (i32.load8_u (i32.add (local.get $table) (i32x4.extract_lane 2 (local.get $b0)))))
        (i32.store8 (i32.add (local.get $dst) (i32.load offset=60 (local.get $pixel))) (i32.load8_u (i32.add (local.get $table) (i32x4.extract_lane 3 (local.get $b0))))))
      (local.set $pixel (i32.add (local.get $pixel) (i32.shl (local.get $entries) (i32.const 1))))
      (br_if $tile (local.tee $tiles (i32.sub (local.get $tiles) (i32.const 1))))))

  ;; last computes tiles of four pixels of one channel, and looks them up in the table.
  (func (export "last") (param $args i32)
    (local $src i32) (local $dst i32) (local $pixel i32) (local $tiles i32) (local $table i32)
    (local $steps i32) (local $end i32) (local $weight i32)
    (local $step i32) (local $w i32) (local $offset i32)
    (local $p0 i32) (local $p1 i32) (local $p2 i32) (local $p3 i32)
    (local $bias v128) (local $scale v128) (local $y v128)
    (local $a0 v128) (local $a1 v128) (local $a2 v128) (local $a3 v128)
    (local.set $src (i32.load offset=0 (local.get $args)))
    (local.set $dst (i32.load offset=8 (local.get $args)))
    (local.set $pixel (i32.load offset=16 (local.get $args)))
    (local.set $tiles (i32.load offset=24 (local.get $args)))
    (local.set $steps (i32.load offset=32 (local.get $args)))
    (local.set $end (i32.add (local.get $steps) (i32.shl (i32.load offset=48 (local.get $args)) (i32.const 2))))
    (local.set $weight (i32.load offset=56 (local.get $args)))
    (local.set $bias (v128.load32_splat (i32.load offset=64 (local.get $args))))
    (local.set $scale (v128.load32_splat (i32.load offset=72 (local.get $args))))
    (local.set $table (i32.load offset=80 (local.get $args)))
    (loop $tile
      (local.set $p0 (i32.add (local.get $src) (i32.load offset=0 (local.get $pixel))))
      (local.set $p1 (i32.add (local.get $src) (i32.load offset=8 (local.get $pixel))))
      (local.set $p2 (i32.add (local.get $src) (i32.load offset=16 (local.get $pixel))))
      (local.set $p3 (i32.add (local.get $src) (i32.load offset=24 (local.get $pixel))))
      (local.set $a0 (v128.const i32x4 0 0 0 0))
      (local.set $a1 (v128.const i32x4 0 0 0 0))
      (local.set $a2 (v128.const i32x4 0 0 0 0))
      (local.set $a3 (v128.const i32x4 0 0 0 0))
      (local.set $step (local.get $steps))
      (local.set $w (local.get $weight))
      (block $summed
        (br_if $summed (i32.eq (local.get $step) (local.get $end)))
        (loop $sum
          (local.set $offset (i32.load (local.get $step)))
          (local.set $y (v128.load8x8_s (local.get $w)))
          (local.set $a0 (i32x4.add (local.get $a0) (i32x4.dot_i16x8_s (v128.load8x8_u (i32.add (local.get $p0) (local.get $offset))) (local.get $y))))
          (local.set $a1 (i32x4.add (local.get $a1) (i32x4.dot_i16x8_s (v128.load8x8_u (i32.add (local.get $p1) (local.get $offset))) (local.get $y))))
          (local.set $a2 (i32x4.add (local.get $a2) (i32x4.dot_i16x8_s (v128.load8x8_u (i32.add (local.get $p2) (local.get $offset))) (local.get $y))))
          (local.set $a3 (i32x4.add (local.get $a3) (i32x4.dot_i16x8_s (v128.load8x8_u (i32.add (local.get $p3) (local.get $offset))) (local.get $y))))
          (local.set $w (i32.add (local.get $w) (i32.const 8)))
          (local.set $step (i32.add (local.get $step) (i32.const 4)))
          (br_if $sum (i32.ne (local.get $step) (local.get $end)))))
      (local.set $a0 (i32x4.add
        (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $a0) (local.get $a1))
        (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $a0) (local.get $a1))))
      (local.set $a2 (i32x4.add
        (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $a2) (local.get $a3))
        (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $a2) (local.get $a3))))
      (local.set $a0 (i32x4.add (local.get $bias) (i32x4.add
        (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $a0) (local.get $a2))
        (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $a0) (local.get $a2)))))
      (local.set $a0 (i32x4.add (v128.const i32x4 2048 2048 2048 2048) (i32x4.trunc_sat_f32x4_s (f32x4.nearest
        (f32x4.mul (f32x4.convert_i32x4_s (local.get $a0)) (local.get $scale))))))
      (local.set $a0 (i32x4.min_s (i32x4.max_s (local.get $a0) (v128.const i32x4 0 0 0 0)) (v128.const i32x4 4095 4095 4095 4095)))
      (i32.store8 (i32.add (local.get $dst) (i32.load offset=4 (local.get $pixel))) (i32.load8_u (i32.add (local.get $table) (i32x4.extract_lane 0 (local.get $a0)))))
      (i32.store8 (i32.add (local.get $dst) (i32.load offset=12 (local.get $pixel))) (i32.load8_u (i32.add (local.get $table) (i32x4.extract_lane 1 (local.get $a0)))))
      (i32.store8 (i32.add (local.get $dst) (i32.load offset=20 (local.get $pixel))) (i32.load8_u (i32.add (local.get $table) (i32x4.extract_lane 2 (local.get $a0)))))
      (i32.store8 (i32.add (local.get $dst) (i32.load offset=28 (local.get $pixel))) (i32.load8_u (i32.add (local.get $table) (i32x4.extract_lane 3 (local.get $a0)))))
      (local.set $pixel (i32.add (local.get $pixel) (i32.const 32)))
      (br_if $tile (local.tee $tiles (i32.sub (local.get $tiles) (i32.const 1))))))

  ;; dense computes blocks of 16 outputs as denseGeneric does, two inputs at a time. Of a ReLU slope
  ;; and zero are 0.
  (func (export "dense") (param $args i32)
    (local $dst i32) (local $x i32) (local $end i32) (local $weight i32) (local $bias i32) (local $scale i32)
    (local $rows i32) (local $cols i32) (local $blocks i32) (local $to i32) (local $i i32)
    (local $first v128) (local $y v128) (local $slope v128) (local $zero v128) (local $f v128)
    (local $a0 v128) (local $a1 v128) (local $a2 v128) (local $a3 v128)
    (local.set $dst (i32.load offset=0 (local.get $args)))
    (local.set $first (v128.load32_splat offset=24 (local.get $args)))
    (local.set $x (i32.load offset=32 (local.get $args)))
    (local.set $end (i32.add (local.get $x) (i32.shl (i32.load offset=40 (local.get $args)) (i32.const 1))))
    (local.set $weight (i32.load offset=48 (local.get $args)))
    (local.set $bias (i32.load offset=56 (local.get $args)))
    (local.set $rows (i32.load offset=72 (local.get $args)))
    (local.set $slope (v128.load32_splat offset=96 (local.get $args)))
    (local.set $zero (v128.load32_splat offset=100 (local.get $args)))
    (loop $row
      (local.set $cols (i32.load offset=80 (local.get $args)))
      (loop $pixel
        (local.set $blocks (i32.load offset=88 (local.get $args)))
        (local.set $scale (i32.load offset=64 (local.get $args)))
        (local.set $to (local.get $dst))
        (loop $block
          (local.set $a0 (i32x4.add (v128.load offset=0 (local.get $bias)) (i32x4.dot_i16x8_s (local.get $first) (v128.load8x8_s offset=0 (local.get $weight)))))
          (local.set $a1 (i32x4.add (v128.load offset=16 (local.get $bias)) (i32x4.dot_i16x8_s (local.get $first) (v128.load8x8_s offset=8 (local.get $weight)))))
          (local.set $a2 (i32x4.add (v128.load offset=32 (local.get $bias)) (i32x4.dot_i16x8_s (local.get $first) (v128.load8x8_s offset=16 (local.get $weight)))))
          (local.set $a3 (i32x4.add (v128.load offset=48 (local.get $bias)) (i32x4.dot_i16x8_s (local.get $first) (v128.load8x8_s offset=24 (local.get $weight)))))
          (local.set $weight (i32.add (local.get $weight) (i32.const 32)))
          (local.set $i (local.get $x))
          (block $summed
            (br_if $summed (i32.eq (local.get $i) (local.get $end)))
            (loop $sum
              (local.set $y (v128.load32_splat (local.get $i)))
              (local.set $a0 (i32x4.add (local.get $a0) (i32x4.dot_i16x8_s (local.get $y) (v128.load8x8_s offset=0 (local.get $weight)))))
              (local.set $a1 (i32x4.add (local.get $a1) (i32x4.dot_i16x8_s (local.get $y) (v128.load8x8_s offset=8 (local.get $weight)))))
              (local.set $a2 (i32x4.add (local.get $a2) (i32x4.dot_i16x8_s (local.get $y) (v128.load8x8_s offset=16 (local.get $weight)))))
              (local.set $a3 (i32x4.add (local.get $a3) (i32x4.dot_i16x8_s (local.get $y) (v128.load8x8_s offset=24 (local.get $weight)))))
              (local.set $weight (i32.add (local.get $weight) (i32.const 32)))
              (local.set $i (i32.add (local.get $i) (i32.const 4)))
              (br_if $sum (i32.ne (local.get $i) (local.get $end)))))
          (local.set $f (v128.load offset=0 (local.get $scale)))
          (local.set $a0 (i32x4.add (local.get $zero) (i32x4.trunc_sat_f32x4_s (f32x4.nearest (f32x4.mul (f32x4.convert_i32x4_s (local.get $a0))
            (v128.bitselect (f32x4.mul (local.get $slope) (local.get $f)) (local.get $f) (i32x4.shr_s (local.get $a0) (i32.const 31))))))))
          (local.set $f (v128.load offset=16 (local.get $scale)))
          (local.set $a1 (i32x4.add (local.get $zero) (i32x4.trunc_sat_f32x4_s (f32x4.nearest (f32x4.mul (f32x4.convert_i32x4_s (local.get $a1))
            (v128.bitselect (f32x4.mul (local.get $slope) (local.get $f)) (local.get $f) (i32x4.shr_s (local.get $a1) (i32.const 31))))))))
          (local.set $f (v128.load offset=32 (local.get $scale)))
          (local.set $a2 (i32x4.add (local.get $zero) (i32x4.trunc_sat_f32x4_s (f32x4.nearest (f32x4.mul (f32x4.convert_i32x4_s (local.get $a2))
            (v128.bitselect (f32x4.mul (local.get $slope) (local.get $f)) (local.get $f) (i32x4.shr_s (local.get $a2) (i32.const 31))))))))
          (local.set $f (v128.load offset=48 (local.get $scale)))
          (local.set $a3 (i32x4.add (local.get $zero) (i32x4.trunc_sat_f32x4_s (f32x4.nearest (f32x4.mul (f32x4.convert_i32x4_s (local.get $a3))
            (v128.bitselect (f32x4.mul (local.get $slope) (local.get $f)) (local.get $f) (i32x4.shr_s (local.get $a3) (i32.const 31))))))))
          (v128.store (local.get $to) (i8x16.max_s (v128.const i32x4 0 0 0 0) (i8x16.narrow_i16x8_s
            (i16x8.narrow_i32x4_s (local.get $a0) (local.get $a1))
            (i16x8.narrow_i32x4_s (local.get $a2) (local.get $a3)))))
          (local.set $to (i32.add (local.get $to) (i32.const 16)))
          (local.set $bias (i32.add (local.get $bias) (i32.const 64)))
          (local.set $scale (i32.add (local.get $scale) (i32.const 64)))
          (br_if $block (local.tee $blocks (i32.sub (local.get $blocks) (i32.const 1)))))
        (local.set $dst (i32.add (local.get $dst) (i32.load offset=8 (local.get $args))))
        (br_if $pixel (local.tee $cols (i32.sub (local.get $cols) (i32.const 1)))))
      (local.set $dst (i32.add (local.get $dst) (i32.load offset=16 (local.get $args))))
      (br_if $row (local.tee $rows (i32.sub (local.get $rows) (i32.const 1))))))

  ;; limit is limitGeneric's loop on eight accumulators: n times 64 products. It returns something of
  ;; the sums, lest they go.
  (func (export "limit") (param $n i32) (result i32)
    (local $x0 v128) (local $x1 v128) (local $y0 v128) (local $y1 v128) (local $y2 v128) (local $y3 v128)
    (local $a0 v128) (local $a1 v128) (local $a2 v128) (local $a3 v128)
    (local $b0 v128) (local $b1 v128) (local $b2 v128) (local $b3 v128)
    (local.set $x0 (v128.const i16x8 1 2 3 4 5 6 7 8))
    (local.set $y0 (i16x8.splat (local.get $n)))
    (local.set $y1 (i16x8.add (local.get $y0) (local.get $x0)))
    (local.set $y2 (i16x8.add (local.get $y1) (local.get $x0)))
    (local.set $y3 (i16x8.add (local.get $y2) (local.get $x0)))
    (block $done
      (br_if $done (i32.eqz (local.get $n)))
      (loop $again
        ;; x changes, so that no product is taken out of the loop
        (local.set $x0 (i16x8.add (local.get $x0) (local.get $y0)))
        (local.set $x1 (i16x8.add (local.get $x1) (local.get $y1)))
        (local.set $a0 (i32x4.add (local.get $a0) (i32x4.dot_i16x8_s (local.get $x0) (local.get $y0))))
        (local.set $b0 (i32x4.add (local.get $b0) (i32x4.dot_i16x8_s (local.get $x1) (local.get $y0))))
        (local.set $a1 (i32x4.add (local.get $a1) (i32x4.dot_i16x8_s (local.get $x0) (local.get $y1))))
        (local.set $b1 (i32x4.add (local.get $b1) (i32x4.dot_i16x8_s (local.get $x1) (local.get $y1))))
        (local.set $a2 (i32x4.add (local.get $a2) (i32x4.dot_i16x8_s (local.get $x0) (local.get $y2))))
        (local.set $b2 (i32x4.add (local.get $b2) (i32x4.dot_i16x8_s (local.get $x1) (local.get $y2))))
        (local.set $a3 (i32x4.add (local.get $a3) (i32x4.dot_i16x8_s (local.get $x0) (local.get $y3))))
        (local.set $b3 (i32x4.add (local.get $b3) (i32x4.dot_i16x8_s (local.get $x1) (local.get $y3))))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (i32x4.extract_lane 0 (v128.xor
      (v128.xor (v128.xor (local.get $a0) (local.get $a1)) (v128.xor (local.get $a2) (local.get $a3)))
      (v128.xor (v128.xor (local.get $b0) (local.get $b1)) (v128.xor (local.get $b2) (local.get $b3)))))))
