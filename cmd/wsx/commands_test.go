package main

import "testing"

func TestCheckWord(t *testing.T) {
	root := command(&flags{}, environment{}, nil)
	for word, refused := range map[string]bool{
		"serv": true, "srve": true, "versoin": true,
		"localhost": false, "example": false, "serve.example.com": false, "serv:80": false, "echo:": false, "ws://serv": false,
	} {
		if err := checkWord(root, word); (err != nil) != refused {
			t.Errorf("%s: %v", word, err)
		}
	}
}
