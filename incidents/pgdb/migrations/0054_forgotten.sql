-- +goose Up

-- Of a number or an address that its owner took away nothing stays but how many
-- codes were sent that day: taken away and entered again, it gets no more of them.
alter table contacts drop constraint contacts_address_check;
