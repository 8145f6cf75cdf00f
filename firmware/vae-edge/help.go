package main

const about = "vae-edge shows generated digits on an SPI panel, in a terminal or in a file."

const examples = `
Keys in a terminal:
  q, Ctrl-C  quit; Ctrl-Z until fg
  arrows     move through latent space (walk, manifold)
  + -        closer, away (manifold)
  n, tab     the next scene
  space      resume: go on by itself
  ?          show what the keys do
  with a model of faces, in walk, sample, morph and edit: up and down choose an
  attribute such as Smiling, left and right, or + and -, are its amount
Keys of a board (--panel list has their pins):
  joystick   move; its middle: the next scene or, held, go on by itself
  A B X Y    beside a joystick: closer, away, the next scene, go on by itself
             alone: the next scene or, held, go on by itself; move, each time in
             another direction; closer; away
  with a model of faces the four directions are as in a terminal
  knob       move to the side or, turned while A or the middle is held, up and down
  touch      drag to move, tap for the next scene, rest to go on by itself

Examples:
  vae-edge                                     a walk through latent space, in this terminal
  vae-edge --board waveshare-1.3 --stats       the same on a board's panel, and how fast
  vae-edge --display spi0 --panel ili9341-240x320 --dc 24 --rst 25 --bl 18
                                               a module that is wired like this
  vae-edge --scene manifold --palette ember    the whole plane of digits at once, then a flight over it
  vae-edge --scene morph --path 3,1,4          from digit to digit
  vae-edge --model out/faces --scene morph --path frown,smile,glasses
                                               what becomes of a face, of a model of faces
  vae-edge --digit 7                           nothing but sevens, each another
  vae-edge --model faces                       faces in colour
  vae-edge --scene clock --time-zone Europe/Berlin --board waveshare-1.3
                                               the time
  vae-edge --scene edit --image photo.jpg --toward 4
                                               your digit becomes a 4, in your hand (model mnist-16)
  vae-edge --display png:digit.png --seed 7    a picture
  vae-edge --display gif:walk.gif --frames 200 --size 112x112
  vae-edge --display none --frames 1000        how fast is it?
  vae-edge probe --board waveshare-1.3         a test card, and why there is none
  vae-edge verify                              does this CPU compute the same bits as all others?
  vae-edge info                                what to paste where you ask for help
`

const signals = `
Signals: SIGTERM and Ctrl-C end it; the panel is left blank. SIGHUP does so, too, where there is a terminal, and otherwise see --model.
`

const environment = `
The environment variable VAE_EDGE_BACKEND names the backend to decode with (see vae-edge bench).
`

const drawText = "vae-edge draw writes random pictures of a model. Picture k depends on the seed and on k alone and has the same bits on every machine, so that parts that several draw make up what one would have drawn."

const drawExamples = `
Examples:
  vae-edge draw --count 60000 --model mnist-16 --out train-images.idx
  vae-edge draw --count 1000000 --shard 2/4 --out part2.raw
                                               the second quarter, on the second of four machines
  cat part1.raw part2.raw part3.raw part4.raw >all.raw
                                               the bytes of the whole

Exit status: 0 done, 1 failed or interrupted, 2 wrong usage.
`
