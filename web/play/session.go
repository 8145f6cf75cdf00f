package play

import (
	"encoding/json"
	"fmt"
)

// Do carries out a request in JSON. Data and more are the bytes that go with it. The reply is JSON,
// with the bytes that go with that.
func (s *Session) Do(request string, data, more []byte) (reply string, out []byte) {
	answer, out, err := s.do(request, data, more)
	if err == nil {
		var text []byte
		if text, err = json.Marshal(answer); err == nil {
			return string(text), out
		}
	}
	text, _ := json.Marshal(map[string]string{"error": err.Error()})
	return string(text), nil
}

func (s *Session) do(request string, data, more []byte) (answer any, out []byte, err error) {
	// Nothing that comes in may end the program. What cannot be handled is a fault of ours, and
	// said to be one.
	defer func() {
		if v := recover(); v != nil {
			answer, out, err = nil, nil, fmt.Errorf("this should not have happened, please report it: %v", v)
		}
	}()
	var r Request
	if err := json.Unmarshal([]byte(request), &r); err != nil {
		return nil, nil, err
	}
	switch r.Op {
	case "about":
		return s.about(), nil, nil
	case "load":
		answer, err = s.load(r.Model, data, more)
		return answer, nil, err
	case "synthetic":
		answer, err = s.synthetic(r.Model)
		return answer, nil, err
	case "verify":
		answer, err = s.verify(r.Model)
		return answer, nil, err
	case "frame":
		return s.frame(&r)
	case "gif":
		return s.gif(&r)
	}
	m := s.models[r.Model]
	if m == nil {
		return nil, nil, fmt.Errorf("model %q is not loaded", r.Model)
	}
	switch r.Op {
	case "decode":
		answer, out, err = m.decode(&r)
	case "sheet":
		answer, out, err = m.sheet(&r)
	case "read":
		answer, out, err = m.read(&r, data)
	case "edit":
		answer, err = m.edit(&r)
	case "draw":
		return m.draw(&r), nil, nil
	case "start":
		answer, err = s.start(m, &r)
	default:
		err = fmt.Errorf("there is no %q", r.Op)
	}
	return answer, out, err
}
