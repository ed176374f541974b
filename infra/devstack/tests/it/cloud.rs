mod buckets;
mod capacity;
mod dynamodb;
mod fixture;
mod mail;
mod queues;
mod restart;
mod streams;
