-- How many leads are in a stage.
select count(*) from crm.lead where lead_status = :stage
