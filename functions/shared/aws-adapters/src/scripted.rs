//! A server that answers requests one after the other from a script, for what no emulator does.

use std::collections::VecDeque;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Serves these answers (status and JSON body), a connection each. Returns the server's address
/// and, once all were given, the requests it got.
pub(crate) async fn serve(answers: Vec<(u16, String)>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let mut requests = Vec::new();
        let mut answers = VecDeque::from(answers);
        while let Some((status, body)) = answers.pop_front() {
            let (mut stream, _) = listener.accept().await.unwrap();
            requests.push(request_of(&mut stream).await);
            let head = format!(
                "HTTP/1.1 {status} Answer\r\ncontent-type: application/json\r\n\
                 content-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(body.as_bytes()).await.unwrap();
        }
        requests
    });
    (url, served)
}

/// Reads one request: its head, and the body that the head announces.
pub(crate) async fn request_of(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let length = stream.read(&mut chunk).await.unwrap();
        assert!(length > 0, "the request is not complete");
        request.extend_from_slice(&chunk[..length]);
        let text = String::from_utf8_lossy(&request);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let announced = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map(|length| length.parse::<usize>().unwrap());
        if announced.unwrap_or(0) == body.len() {
            return text.into_owned();
        }
    }
}
