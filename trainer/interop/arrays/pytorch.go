package arrays

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A .pt file, as torch.save writes it since 1.6, is an archive: data.pkl is a pickle in which
// tensors are calls of _rebuild_tensor_v2 on storages, which are files of the archive.
//
// A pickle is a program that may call anything. This reads it as data: the names that it may use
// are those of tensors, and what they stand for is done here (Python, Lib/pickletools.py).

// storages are the types of elements by the classes of their storages.
var storages = map[string]kind{
	"FloatStorage": float32s, "DoubleStorage": float64s, "HalfStorage": float16s, "BFloat16Storage": bfloat16s,
	"LongStorage": bytes8, "IntStorage": bytes4, "ShortStorage": bytes2, "CharStorage": bytes1, "ByteStorage": bytes1, "BoolStorage": bytes1,
}

// What is on the stack of a pickle: nil, bool, int, float64, string, and these.
type (
	tuple   []any
	dict    struct{ keys, values []any }
	global  string // a name of Python's, module and name
	mark    struct{}
	storage struct {
		kind
		file string
	}
	tensor struct {
		of            storage
		offset        int
		shape, stride []int
	}
)

const (
	orderedDict      global = "collections OrderedDict"
	rebuildTensor    global = "torch._utils _rebuild_tensor_v2"
	rebuildParameter global = "torch._utils _rebuild_parameter"
)

func parsePyTorch(files *archive, dir string) (Arrays, error) {
	if order := files.files[dir+"byteorder"]; order != nil {
		if said, err := files.read(dir + "byteorder"); err != nil || string(said) != "little" {
			return nil, fmt.Errorf("its bytes are in the order %q: save it on another computer", said)
		}
	}
	program, err := files.read(dir + "data.pkl")
	if err != nil {
		return nil, err
	}
	top, err := (&unpickler{in: program, memo: map[int]any{}}).run()
	if err != nil {
		return nil, fmt.Errorf("data.pkl: %w", err)
	}
	tensors, err := named(top)
	if err != nil {
		return nil, err
	}
	a, read := Arrays{}, map[string][]byte{}
	for _, t := range tensors {
		data, ok := read[t.of.file]
		if !ok {
			if data, err = files.read(dir + "data/" + t.of.file); err != nil {
				return nil, err
			}
			read[t.of.file] = data
		}
		if err := a.addTensor(t.name, t.tensor, data); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// A namedTensor is one of a dictionary, or of one in it.
type namedTensor struct {
	name string
	*tensor
}

// named are the tensors of what a pickle gives. A dictionary may have itself, many times, and many
// tensors may be of one storage: all together have no more than MaxFile bytes.
func named(top any) (tensors []namedTensor, err error) {
	visits, left := 0, MaxFile
	var visit func(name string, v any, depth int) error
	visit = func(name string, v any, depth int) error {
		if visits++; visits > 1<<20 || len(name) > maxName {
			return errPickle
		}
		switch v := v.(type) {
		case *dict:
			if depth > 4 {
				return nil
			}
			for i, k := range v.keys {
				if k, ok := k.(string); ok {
					if err := visit(strings.TrimPrefix(name+"."+k, "."), v.values[i], depth+1); err != nil {
						return err
					}
				}
			}
		case *tensor:
			n, err := elements(v.shape, v.of.size)
			if err != nil {
				return fmt.Errorf("%q: %w", name, err)
			}
			if left -= n * v.of.size; left < 0 || len(tensors) == maxArrays {
				return fmt.Errorf("more than %d bytes of tensors, or more than %d of them", MaxFile, maxArrays)
			}
			tensors = append(tensors, namedTensor{name, v})
		}
		return nil
	}
	return tensors, visit("", top, 0)
}

// addTensor adds the elements that a tensor takes of its storage.
func (a Arrays) addTensor(name string, t *tensor, data []byte) error {
	k := t.of.kind
	n, err := elements(t.shape, k.size)
	if err != nil {
		return fmt.Errorf("%q: %w", name, err)
	}
	if len(t.stride) != len(t.shape) {
		return fmt.Errorf("%q: strides %v of shape %v", name, t.stride, t.shape)
	}
	if n == 0 {
		return a.add(name, k, t.shape, nil)
	}
	last, plain, step := t.offset, true, 1
	for i := len(t.shape) - 1; i >= 0 && last >= 0 && last < MaxFile; i-- {
		if t.stride[i] < 0 || t.stride[i] > MaxFile {
			return fmt.Errorf("%q: strides %v", name, t.stride)
		}
		last += (t.shape[i] - 1) * t.stride[i]
		plain = plain && (t.shape[i] == 1 || t.stride[i] == step)
		step *= t.shape[i]
	}
	if t.offset < 0 || last >= len(data)/k.size {
		return fmt.Errorf("%q: element %d of a storage of %d", name, last, len(data)/k.size)
	}
	if plain {
		return a.add(name, k, t.shape, data[t.offset*k.size:][:n*k.size])
	}
	// Elements that are there once each, as of a transposed array: an expanded one may claim more
	// than there is.
	if n > len(data)/k.size {
		return fmt.Errorf("%q: shape %v has more elements than its storage, which has %d", name, t.shape, len(data)/k.size)
	}
	gathered := make([]byte, 0, n*k.size)
	index := make([]int, len(t.shape))
	for range n {
		at := t.offset
		for d, i := range index {
			at += i * t.stride[d]
		}
		gathered = append(gathered, data[at*k.size:][:k.size]...)
		for d := len(index) - 1; d >= 0; d-- {
			if index[d]++; index[d] < t.shape[d] {
				break
			}
			index[d] = 0
		}
	}
	return a.add(name, k, t.shape, gathered)
}

// An unpickler runs a pickle.
type unpickler struct {
	in    []byte
	stack []any
	memo  map[int]any
}

var errPickle = errors.New("the pickle is damaged: save it again")

func (u *unpickler) take(n int) ([]byte, error) {
	if n < 0 || n > len(u.in) {
		return nil, errPickle
	}
	b := u.in[:n]
	u.in = u.in[n:]
	return b, nil
}

func (u *unpickler) number(size int) (int, error) {
	b, err := u.take(size)
	if err != nil {
		return 0, err
	}
	n := 0
	for i := len(b) - 1; i >= 0; i-- {
		n = n<<8 | int(b[i])
	}
	return n, nil
}

func (u *unpickler) line() (string, error) {
	for i, c := range u.in {
		if c == '\n' {
			b, err := u.take(i + 1)
			return string(b[:i]), err
		}
	}
	return "", errPickle
}

func (u *unpickler) push(v any) { u.stack = append(u.stack, v) }

func (u *unpickler) pop() (any, error) {
	if len(u.stack) == 0 {
		return nil, errPickle
	}
	v := u.stack[len(u.stack)-1]
	u.stack = u.stack[:len(u.stack)-1]
	return v, nil
}

// popMark returns what is above the last mark, and takes both away.
func (u *unpickler) popMark() ([]any, error) {
	for i := len(u.stack) - 1; i >= 0; i-- {
		if _, ok := u.stack[i].(mark); ok {
			items := u.stack[i+1:]
			u.stack = u.stack[:i]
			return append([]any(nil), items...), nil
		}
	}
	return nil, errPickle
}

func (u *unpickler) run() (any, error) {
	for {
		op, err := u.take(1)
		if err != nil {
			return nil, err
		}
		if op[0] == '.' {
			return u.pop()
		}
		if err := u.step(op[0]); err != nil {
			return nil, err
		}
	}
}

// step does what an operation says, those that torch.save writes.
func (u *unpickler) step(op byte) error {
	switch op {
	case 0x80: // PROTO
		_, err := u.take(1)
		return err
	case 0x95: // FRAME
		_, err := u.take(8)
		return err
	case '(':
		u.push(mark{})
	case ')':
		u.push(tuple{})
	case ']':
		u.push(&dict{}) // a list, of which nothing is wanted
	case '}':
		u.push(&dict{})
	case 'N':
		u.push(nil)
	case 0x88, 0x89:
		u.push(op == 0x88)
	case 'K', 'M', 'J': // BININT1, BININT2, BININT
		n, err := u.number(map[byte]int{'K': 1, 'M': 2, 'J': 4}[op])
		if err != nil {
			return err
		}
		if op == 'J' {
			n = int(int32(uint32(n)))
		}
		u.push(n)
	case 0x8a: // LONG1
		size, err := u.number(1)
		if err != nil {
			return err
		}
		if size > 8 {
			return errPickle
		}
		n, err := u.number(size)
		if err != nil {
			return err
		}
		u.push(n)
	case 'G':
		b, err := u.take(8)
		if err != nil {
			return err
		}
		u.push(math.Float64frombits(binary.BigEndian.Uint64(b)))
	case 'X', 0x8c: // BINUNICODE, SHORT_BINUNICODE
		size := 4
		if op == 0x8c {
			size = 1
		}
		n, err := u.number(size)
		if err != nil {
			return err
		}
		b, err := u.take(n)
		if err != nil {
			return err
		}
		u.push(string(b))
	case 'q', 'r', 0x94: // BINPUT, LONG_BINPUT, MEMOIZE
		at := len(u.memo)
		if op != 0x94 {
			var err error
			if at, err = u.number(map[byte]int{'q': 1, 'r': 4}[op]); err != nil {
				return err
			}
		}
		if len(u.stack) == 0 {
			return errPickle
		}
		u.memo[at] = u.stack[len(u.stack)-1]
	case 'h', 'j': // BINGET, LONG_BINGET
		at, err := u.number(map[byte]int{'h': 1, 'j': 4}[op])
		if err != nil {
			return err
		}
		v, ok := u.memo[at]
		if !ok {
			return errPickle
		}
		u.push(v)
	case 't', 0x85, 0x86, 0x87: // TUPLE, TUPLE1 to TUPLE3
		if op == 't' {
			items, err := u.popMark()
			if err != nil {
				return err
			}
			u.push(tuple(items))
			return nil
		}
		n := int(op) - 0x84
		if len(u.stack) < n {
			return errPickle
		}
		items := append(tuple(nil), u.stack[len(u.stack)-n:]...)
		u.stack = append(u.stack[:len(u.stack)-n], items)
	case 'c': // GLOBAL
		module, err := u.line()
		if err != nil {
			return err
		}
		name, err := u.line()
		if err != nil {
			return err
		}
		return u.pushGlobal(module, name)
	case 0x93: // STACK_GLOBAL
		name, err := u.pop()
		if err != nil {
			return err
		}
		module, err := u.pop()
		if err != nil {
			return err
		}
		m, ok := module.(string)
		n, ok2 := name.(string)
		if !ok || !ok2 {
			return errPickle
		}
		return u.pushGlobal(m, n)
	case 'Q': // BINPERSID
		id, err := u.pop()
		if err != nil {
			return err
		}
		s, err := newStorage(id)
		if err != nil {
			return err
		}
		u.push(s)
	case 'R': // REDUCE
		arguments, err := u.pop()
		if err != nil {
			return err
		}
		of, err := u.pop()
		if err != nil {
			return err
		}
		v, err := call(of, arguments)
		if err != nil {
			return err
		}
		u.push(v)
	case 's', 'u', 'a', 'e': // SETITEM, SETITEMS, APPEND, APPENDS
		var items []any
		var err error
		switch op {
		case 'u', 'e':
			if items, err = u.popMark(); err != nil {
				return err
			}
		default:
			n := map[byte]int{'s': 2, 'a': 1}[op]
			for range n {
				v, err := u.pop()
				if err != nil {
					return err
				}
				items = append([]any{v}, items...)
			}
		}
		if len(u.stack) == 0 {
			return errPickle
		}
		d, ok := u.stack[len(u.stack)-1].(*dict)
		if !ok {
			return errPickle
		}
		if op == 'a' || op == 'e' {
			return nil
		}
		if len(items)%2 != 0 {
			return errPickle
		}
		for i := 0; i < len(items); i += 2 {
			d.keys, d.values = append(d.keys, items[i]), append(d.values, items[i+1])
		}
	case 'b': // BUILD: attributes of an object, such as a state_dict's _metadata
		_, err := u.pop()
		return err
	case '0': // POP
		_, err := u.pop()
		return err
	default:
		return fmt.Errorf("the pickle has the operation %#02x, which weights do not need", op)
	}
	return nil
}

// pushGlobal pushes a name of Python's, of which there are few.
func (u *unpickler) pushGlobal(module, name string) error {
	g := global(module + " " + name)
	_, known := storages[name]
	if g != orderedDict && g != rebuildTensor && g != rebuildParameter && !(module == "torch" && known) {
		return fmt.Errorf("the pickle uses %s.%s, which weights do not need: save model.state_dict() alone, or safetensors", module, name)
	}
	u.push(g)
	return nil
}

// newStorage is what a persistent id stands for: ("storage", class, file, device, elements).
func newStorage(id any) (storage, error) {
	t, _ := id.(tuple)
	if len(t) != 5 || t[0] != "storage" {
		return storage{}, errPickle
	}
	class, ok := t[1].(global)
	if !ok {
		return storage{}, errPickle
	}
	k, ok := storages[strings.TrimPrefix(string(class), "torch ")]
	file, ok2 := t[2].(string)
	if _, err := strconv.Atoi(file); !ok || !ok2 || err != nil {
		return storage{}, errPickle
	}
	return storage{k, file}, nil
}

// call is what a name of Python's returns for arguments.
func call(of, arguments any) (any, error) {
	a, ok := arguments.(tuple)
	if !ok {
		return nil, errPickle
	}
	switch of {
	case orderedDict:
		if len(a) != 0 {
			return nil, errPickle
		}
		return &dict{}, nil
	case rebuildParameter: // (tensor, requires_grad, hooks)
		if len(a) < 1 {
			return nil, errPickle
		}
		return a[0], nil
	case rebuildTensor: // (storage, offset, shape, stride, requires_grad, hooks)
		if len(a) < 4 {
			return nil, errPickle
		}
		s, ok := a[0].(storage)
		offset, ok2 := a[1].(int)
		shape, err := whole(a[2])
		if err != nil || !ok || !ok2 {
			return nil, errPickle
		}
		stride, err := whole(a[3])
		if err != nil {
			return nil, err
		}
		return &tensor{s, offset, shape, stride}, nil
	}
	return nil, errPickle
}

// whole is a tuple of whole numbers.
func whole(v any) ([]int, error) {
	t, ok := v.(tuple)
	if !ok || len(t) > maxRank {
		return nil, errPickle
	}
	numbers := make([]int, len(t))
	for i, v := range t {
		n, ok := v.(int)
		if !ok {
			return nil, errPickle
		}
		numbers[i] = n
	}
	return numbers, nil
}
