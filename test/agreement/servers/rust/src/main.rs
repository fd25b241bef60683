//! An echo server on tungstenite. Usage: echo PORT
use std::{env, net::TcpListener, thread};
use tungstenite::{accept, Message};

fn main() {
    let port = env::args().nth(1).expect("usage: echo PORT");
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).expect("listen");
    println!("listening");
    for stream in listener.incoming().flatten() {
        thread::spawn(move || {
            let Ok(mut socket) = accept(stream) else { return };
            while let Ok(message) = socket.read() {
                if matches!(message, Message::Text(_) | Message::Binary(_)) && socket.send(message).is_err() {
                    return;
                }
            }
        });
    }
}
